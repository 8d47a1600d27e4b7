//! The recipes that come with the program.

macro_rules! built_in {
    ($($name:literal)*) => {
        [$(($name, include_str!(concat!("../../recipes/", $name, ".toml")))),*]
    };
}

/// The recipes that come with the program: name and text.
pub const BUILT_IN: [(&str, &str); 27] = built_in! {
    "pcl-smoke"
    "pcl-cpu"
    "pcl-paper"
    "adm-smoke"
    "adm-cpu"
    "adm-paper"
    "adm-official"
    "sbi-cpu"
    "sbi-paper"
    "adm-sbi-paper"
    "lisiam-smoke"
    "lisiam-cpu"
    "lisiam-paper"
    "snippet-smoke"
    "snippet-cpu"
    "snippet-paper"
    "resnet50-cpu"
    "resnet50-paper"
    "xception-cpu"
    "xception-paper"
    "efficientnet-b4-cpu"
    "efficientnet-b4-paper"
    "mesoinception4-cpu"
    "mesoinception4-paper"
    "face-xray-cpu"
    "face-xray-paper"
    "real-cpu"
};
