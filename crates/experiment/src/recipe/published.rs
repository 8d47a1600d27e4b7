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
    /// What the SHA-256 of the file begins with, where its publisher checks it by that.
    pub sha256: Option<&'static str>,
}

/// torchvision's, Cadene's conversion from TensorFlow, and efficientnet_pytorch's.
const PUBLISHED: [Published; 8] = [
    Published {
        backbone: "resnet-18",
        url: "https://download.pytorch.org/models/resnet18-f37072fd.pth",
        sha256: Some("f37072fd"),
    },
    Published {
        backbone: "resnet-34",
        url: "https://download.pytorch.org/models/resnet34-b627a593.pth",
        sha256: Some("b627a593"),
    },
    Published {
        backbone: "resnet-50",
        url: "https://download.pytorch.org/models/resnet50-0676ba61.pth",
        sha256: Some("0676ba61"),
    },
    Published {
        backbone: "xception",
        url: "https://data.lip6.fr/cadene/pretrainedmodels/xception-43020ad28.pth",
        sha256: None,
    },
    Published {
        backbone: "efficientnet-b0",
        url: "https://github.com/lukemelas/EfficientNet-PyTorch/releases/download/1.0/efficientnet-b0-355c32eb.pth",
        sha256: None,
    },
    Published {
        backbone: "efficientnet-b3",
        url: "https://github.com/lukemelas/EfficientNet-PyTorch/releases/download/1.0/efficientnet-b3-5fb5a3c3.pth",
        sha256: None,
    },
    Published {
        backbone: "efficientnet-b4",
        url: "https://github.com/lukemelas/EfficientNet-PyTorch/releases/download/1.0/efficientnet-b4-6ed6700e.pth",
        sha256: None,
    },
    Published {
        backbone: "efficientnet-b7",
        url: "https://github.com/lukemelas/EfficientNet-PyTorch/releases/download/1.0/efficientnet-b7-dcc49843.pth",
        sha256: None,
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
        // What has no backbone starts from random weights in its paper, too.
        backbone(&self.model)?;
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
        let sum = sha256.map_or(String::new(), |sum| {
            format!("; its SHA-256 begins with {sum}")
        });
        Some(format!(
            "{} starts from random weights, and the paper from ImageNet's: its numbers are not to be had so. Fetch {url} ({backbone}{sum}) and name the file as `pretrained`",
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
        for (recipe, file, checked) in [
            ("pcl-paper", "resnet34-b627a593.pth", true),
            ("adm-paper", "resnet34-b627a593.pth", true),
            ("lisiam-paper", "xception-43020ad28.pth", false),
            ("snippet-paper", "resnet50-0676ba61.pth", true),
            ("resnet50-paper", "resnet50-0676ba61.pth", true),
            (
                "efficientnet-b4-paper",
                "efficientnet-b4-6ed6700e.pth",
                false,
            ),
        ] {
            let said = Recipe::load(recipe, &[]).unwrap().random_start().unwrap();
            assert!(said.contains(file), "{said}");
            assert_eq!(said.contains("SHA-256"), checked, "{said}");
            let given = ["pretrained=a.safetensors".to_owned()];
            let given = Recipe::load(recipe, &given).unwrap();
            assert_eq!(given.random_start(), None);
        }
        for silent in ["pcl-smoke", "mesoinception4-paper"] {
            let recipe = Recipe::load(silent, &[]).unwrap();
            assert_eq!(recipe.random_start(), None);
        }
        let b4 = r#"model.backbone={family="efficientnet",variant="b4"}"#.to_owned();
        let b4 = Recipe::load("adm-paper", &[b4]).unwrap();
        let url = b4.published_weights().unwrap().url;
        assert!(url.ends_with("efficientnet-b4-6ed6700e.pth"), "{url}");
    }
}
