//! Published weights of the backbones that the papers start from.

use serde::Serialize;

use super::Recipe;

/// A file of ImageNet's weights, as it was published for a backbone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Published {
    /// What a person calls it.
    pub backbone: &'static str,
    /// Where it is published.
    pub url: &'static str,
    /// What the SHA-256 of the file begins with; published file names end in it.
    pub sha256: &'static str,
}

/// torchvision's, Cadene's conversion from TensorFlow, and efficientnet_pytorch's.
const PUBLISHED: [Published; 8] = [
    Published {
        backbone: "resnet-18",
        url: "https://download.pytorch.org/models/resnet18-f37072fd.pth",
        sha256: "f37072fd",
    },
    Published {
        backbone: "resnet-34",
        url: "https://download.pytorch.org/models/resnet34-b627a593.pth",
        sha256: "b627a593",
    },
    Published {
        backbone: "resnet-50",
        url: "https://download.pytorch.org/models/resnet50-0676ba61.pth",
        sha256: "0676ba61",
    },
    Published {
        backbone: "xception",
        url: "https://data.lip6.fr/cadene/pretrainedmodels/xception-43020ad28.pth",
        sha256: "43020ad28",
    },
    Published {
        backbone: "efficientnet-b0",
        url: "https://github.com/lukemelas/EfficientNet-PyTorch/releases/download/1.0/efficientnet-b0-355c32eb.pth",
        sha256: "355c32eb",
    },
    Published {
        backbone: "efficientnet-b3",
        url: "https://github.com/lukemelas/EfficientNet-PyTorch/releases/download/1.0/efficientnet-b3-5fb5a3c3.pth",
        sha256: "5fb5a3c3",
    },
    Published {
        backbone: "efficientnet-b4",
        url: "https://github.com/lukemelas/EfficientNet-PyTorch/releases/download/1.0/efficientnet-b4-6ed6700e.pth",
        sha256: "6ed6700e",
    },
    Published {
        backbone: "efficientnet-b7",
        url: "https://github.com/lukemelas/EfficientNet-PyTorch/releases/download/1.0/efficientnet-b7-dcc49843.pth",
        sha256: "dcc49843",
    },
];

impl Recipe {
    /// The published weights of the recipe's backbone, where there are such.
    #[must_use]
    pub fn published_weights(&self) -> Option<Published> {
        let name = backbone(&self.model)?;
        PUBLISHED.into_iter().find(|file| file.backbone == name)
    }

    /// What is to be said of a paper's recipe that starts from random weights: which file it wants,
    /// from where. [`None`] where nothing is to be said.
    #[must_use]
    pub fn random_start(&self) -> Option<String> {
        if self.pretrained.is_some() || !self.name.ends_with("-paper") {
            return None;
        }
        let Some(Published {
            backbone,
            url,
            sha256,
        }) = self.published_weights()
        else {
            return Some(format!(
                "{} starts from random weights; the paper starts from ImageNet's (`pretrained`)",
                self.name
            ));
        };
        Some(format!(
            "{} starts from random weights, and the paper from ImageNet's: its numbers are not to be had so. Fetch {url} ({backbone}; its SHA-256 begins with {sha256}) and name the file as `pretrained`",
            self.name
        ))
    }
}

/// The backbone's name, read from the model's keys, as all models have them alike.
fn backbone(model: &impl Serialize) -> Option<String> {
    let keys = toml::Value::try_from(model).ok()?;
    let at = keys.get("network").unwrap_or(&keys).get("backbone")?;
    // Models that know one family alone do not name it.
    let family = at.get("family").and_then(toml::Value::as_str);
    match family.unwrap_or("resnet") {
        "resnet" => Some(format!("resnet-{}", at.get("depth")?)),
        "efficientnet" => Some(format!("efficientnet-{}", at.get("variant")?.as_str()?)),
        other => Some(other.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_papers_recipe_says_which_weights_it_wants() {
        for (recipe, file) in [
            ("pcl-paper", "resnet34-b627a593.pth"),
            ("adm-paper", "resnet34-b627a593.pth"),
            ("lisiam-paper", "xception-43020ad28.pth"),
            ("snippet-paper", "resnet50-0676ba61.pth"),
        ] {
            let said = Recipe::load(recipe, &[]).unwrap().random_start().unwrap();
            assert!(said.contains(file) && said.contains("SHA-256"), "{said}");
            let given = ["pretrained=a.safetensors".to_owned()];
            let given = Recipe::load(recipe, &given).unwrap();
            assert_eq!(given.random_start(), None);
        }
        let small = Recipe::load("pcl-smoke", &[]).unwrap();
        assert_eq!(small.random_start(), None);
        let b4 = r#"model.backbone={family="efficientnet",variant="b4"}"#.to_owned();
        let b4 = Recipe::load("adm-paper", &[b4]).unwrap();
        assert_eq!(b4.published_weights().unwrap().sha256, "6ed6700e");
    }
}
