//! The checkpoints that are known, with what their authors' code says of each.

use std::{fmt, str::FromStr};

use experiment::Recipe;

/// A published detector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Self-blended images, EfficientNet-b4.
    Sbi,
    /// CADDM on ResNet-34.
    CaddmResnet34,
    /// CADDM on EfficientNet-b3.
    CaddmEfficientnetB3,
    /// CADDM on EfficientNet-b4.
    CaddmEfficientnetB4,
    /// DeepfakeBench's Xception.
    DeepfakebenchXception,
    /// DeepfakeBench's EfficientNet-b4.
    DeepfakebenchEfficientnetB4,
    /// LiSiam on Xception, "LiSiam_A" of its authors' code.
    Lisiam,
    /// MesoNet's MesoInception-4.
    Mesonet,
}

/// What is known of a kind.
struct Facts {
    name: &'static str,
    /// What it is and whose, short.
    what: &'static str,
    /// Where it was published.
    paper: &'static str,
    url: &'static str,
    terms: &'static str,
    /// Which file, and where it is.
    file: &'static str,
    recipe: &'static str,
    /// Names and shapes that no other kind has together.
    marks: [(&'static str, &'static [usize]); 2],
}

const RESEARCH_ONLY: &str = "for research alone";
const APACHE: &str = "Apache-2.0";
const NON_COMMERCIAL: &str = "CC BY-NC 4.0";

impl Kind {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Sbi,
        Self::CaddmResnet34,
        Self::CaddmEfficientnetB3,
        Self::CaddmEfficientnetB4,
        Self::DeepfakebenchXception,
        Self::DeepfakebenchEfficientnetB4,
        Self::Lisiam,
        Self::Mesonet,
    ];

    fn facts(self) -> Facts {
        let caddm = |name, what, recipe, marks| Facts {
            name,
            what,
            paper: "Dong et al., CVPR 2023",
            url: "https://github.com/megvii-research/CADDM",
            terms: APACHE,
            file: "in the archive behind \"Pretrained weights\" of its README",
            recipe,
            marks,
        };
        let bench = |name, what, file, recipe, marks| Facts {
            name,
            what,
            paper: "Yan et al., NeurIPS 2023",
            url: "https://github.com/SCLBD/DeepfakeBench",
            terms: NON_COMMERCIAL,
            file,
            recipe,
            marks,
        };
        match self {
            Self::Sbi => Facts {
                name: "sbi",
                what: "SBI's EfficientNet-b4",
                paper: "Shiohara and Yamasaki, CVPR 2022",
                url: "https://github.com/mapooon/SelfBlendedImages",
                terms: RESEARCH_ONLY,
                file: "FFraw.tar or FFc23.tar, behind \"raw\" and \"c23\" of its README",
                recipe: include_str!("../recipes/sbi.toml"),
                marks: [
                    ("_conv_stem.weight", &[48, 3, 3, 3]),
                    ("_fc.weight", &[2, 1792]),
                ],
            },
            Self::CaddmResnet34 => caddm(
                "caddm-resnet34",
                "CADDM's ResNet-34",
                include_str!("../recipes/caddm-resnet34.toml"),
                [
                    ("base_model.conv1.weight", &[64, 3, 7, 7]),
                    ("adm.adm_extra_layers.3.conv2.weight", &[512, 512, 1, 1]),
                ],
            ),
            Self::CaddmEfficientnetB3 => caddm(
                "caddm-efficientnet-b3",
                "CADDM's EfficientNet-b3",
                include_str!("../recipes/caddm-efficientnet-b3.toml"),
                [
                    ("base_model._conv_stem.weight", &[40, 3, 3, 3]),
                    ("adm.adm_extra_layers.3.conv2.weight", &[1536, 1536, 1, 1]),
                ],
            ),
            Self::CaddmEfficientnetB4 => caddm(
                "caddm-efficientnet-b4",
                "CADDM's EfficientNet-b4",
                include_str!("../recipes/caddm-efficientnet-b4.toml"),
                [
                    ("base_model._conv_stem.weight", &[48, 3, 3, 3]),
                    ("adm.adm_extra_layers.3.conv2.weight", &[1792, 1792, 1, 1]),
                ],
            ),
            Self::DeepfakebenchXception => bench(
                "deepfakebench-xception",
                "DeepfakeBench's Xception",
                "xception_best.pth of its release v1.0.1",
                include_str!("../recipes/deepfakebench-xception.toml"),
                [
                    ("conv4.pointwise.weight", &[2048, 1536, 1, 1]),
                    ("last_linear.weight", &[2, 2048]),
                ],
            ),
            Self::DeepfakebenchEfficientnetB4 => bench(
                "deepfakebench-efficientnet-b4",
                "DeepfakeBench's EfficientNet-b4",
                "effnb4_best.pth of its release v1.0.1",
                include_str!("../recipes/deepfakebench-efficientnet-b4.toml"),
                [
                    ("efficientnet._conv_stem.weight", &[48, 3, 3, 3]),
                    ("last_layer.weight", &[2, 1792]),
                ],
            ),
            Self::Lisiam => Facts {
                name: "lisiam",
                what: "LiSiam's Xception",
                paper: "Wang et al., TIFS 2022",
                url: "https://github.com/h10666/LiSiam",
                terms: "no licence is stated",
                file: "none is published; what its training script saves, model_end.pth",
                recipe: include_str!("../recipes/lisiam.toml"),
                marks: [
                    ("backbone_net.conv1.weight", &[32, 3, 3, 3]),
                    ("getScore.3.weight", &[2, 1024]),
                ],
            },
            Self::Mesonet => Facts {
                name: "mesonet",
                what: "MesoNet's MesoInception-4",
                paper: "Afchar et al., WIFS 2018",
                url: "https://github.com/DariusAf/MesoNet",
                terms: APACHE,
                file: "weights/MesoInception_DF.h5 or weights/MesoInception_F2F.h5 of its repository",
                recipe: include_str!("../recipes/mesonet.toml"),
                marks: [
                    ("conv2d_15.weight", &[16, 12, 5, 5]),
                    ("dense_1.weight", &[16, 1024]),
                ],
            },
        }
    }

    /// Its name, such as `sbi`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.facts().name
    }

    /// What it is and whose, such as "SBI's EfficientNet-b4".
    #[must_use]
    pub fn what(self) -> &'static str {
        self.facts().what
    }

    /// [`what`](Self::what), with where it was published.
    #[must_use]
    pub fn of(self) -> String {
        let Facts { what, paper, .. } = self.facts();
        format!("{what} ({paper})")
    }

    /// Where its authors' code is.
    #[must_use]
    pub fn url(self) -> &'static str {
        self.facts().url
    }

    /// Under which terms its authors give it.
    #[must_use]
    pub fn terms(self) -> &'static str {
        self.facts().terms
    }

    /// Which file it is, and where its authors have it.
    #[must_use]
    pub fn file(self) -> &'static str {
        self.facts().file
    }

    /// The network, and how faces are cut out and pixels are read for it, as the authors' code has it.
    ///
    /// # Panics
    ///
    /// Panics if the recipe of this crate is none.
    #[must_use]
    pub fn recipe(self) -> Recipe {
        toml::from_str(self.facts().recipe).expect("a test reads the recipes of this crate")
    }

    /// Two names, and their shapes, that no other kind has together.
    pub(crate) fn marks(self) -> [(&'static str, &'static [usize]); 2] {
        self.facts().marks
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that no kind has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{name}' is no checkpoint that is known; known: {}", Kind::ALL.map(Kind::name).join(", "))]
pub struct UnknownKind {
    /// The name.
    pub name: String,
}

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(name: &str) -> Result<Self, UnknownKind> {
        let found = Self::ALL.into_iter().find(|kind| kind.name() == name);
        found.ok_or_else(|| UnknownKind { name: name.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_recipe_of_its_own_name_that_holds_together() {
        for kind in Kind::ALL {
            let recipe = kind.recipe();
            assert_eq!(recipe.name, kind.name());
            assert_eq!(kind.name().parse(), Ok(kind));
            assert_eq!(recipe.crop.size as usize, recipe.model.input_size());
            recipe.crop.check().unwrap();
        }
        let unknown = "x".parse::<Kind>().unwrap_err().to_string();
        assert!(unknown.contains("caddm-resnet34, "), "{unknown}");
    }
}
