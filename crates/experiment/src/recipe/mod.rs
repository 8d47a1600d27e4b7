//! Recipes: everything that decides what a training does, in TOML, strictly.

use std::path::{Path, PathBuf};

use face_preproc::{crop::CropSpec, split::SplitConfig};
use model_adm::AdmConfig;
use model_face_xray::FaceXrayConfig;
use model_lisiam::{LisiamConfig, LossTerms};
use model_meso::MesoConfig;
use model_pcl::PclConfig;
use model_snippet::SnippetConfig;
use serde::{Deserialize, Serialize};
use synth_data::{
    augment::{Around, AugmentConfig},
    degrade::DegradeConfig,
};
use toy_detector::ToyConfig;

use crate::{Error, schedule::Schedule};

mod built_in;
mod evaluation;
mod forgery;
mod optimizer;
mod published;
mod set;
mod stage;

pub use built_in::BUILT_IN;
pub use evaluation::{BestBy, CalibrationRule, Evaluation, FacesOfFrame};
pub use forgery::{Balance, Forgery, Generator, Mix};
pub use optimizer::{Clip, Optimizer, Rule, Sam};
pub use published::Published;
pub use stage::{Stage, stage_of, steps_of};

/// A training from data to weights. Absent keys have the paper's values or, where it is silent,
/// the choices listed in the READMEs; unknown keys are errors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// Name, as `--recipe` takes it.
    pub name: String,
    /// One sentence for `--help` and the report.
    pub description: String,
    /// Seed of every random draw.
    #[serde(default)]
    pub seed: u64,
    /// The network.
    pub model: Model,
    /// Weights of the backbone to start from, by its published names (safetensors or `.pth`); the
    /// classification head in the file is left out. A folder: all weights of that run, which must be
    /// of the same network. Absent: random weights.
    #[serde(default)]
    pub pretrained: Option<PathBuf>,
    /// How faces are cut out of pictures.
    pub crop: CropSpec,
    /// How identities are divided where the manifest does not say.
    #[serde(default)]
    pub split: SplitConfig,
    /// Forgeries made from real faces while training.
    #[serde(default)]
    pub forgery: Forgery,
    /// Augmentation of real and forged faces alike.
    #[serde(default)]
    pub augmentation: AugmentConfig,
    /// The optimiser.
    #[serde(default)]
    pub optimizer: Optimizer,
    /// Length of training and the learning rate over it.
    #[serde(default)]
    pub schedule: Schedule,
    /// Parts of the training in which only some of the network learns; absent: all of it, always.
    #[serde(default)]
    pub stages: Vec<Stage>,
    /// Evaluation on the test split.
    #[serde(default)]
    pub evaluation: Evaluation,
    /// What the recipe reaches on the data it was made for.
    #[serde(default)]
    pub expected: Option<Expected>,
}

/// The networks that can be trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Model {
    /// The artifact detection module.
    Adm(AdmConfig),
    /// Face X-ray.
    FaceXray(FaceXrayConfig),
    /// The localization-invariance Siamese network.
    Lisiam(LisiamRecipe),
    /// MesoInception-4.
    Meso(MesoConfig),
    /// Patch-wise consistency learning.
    Pcl(PclConfig),
    /// Intra- and inter-snippet inconsistency, of clips.
    Snippet(SnippetConfig),
    /// The toy of `examples/toy-detector`, of single faces.
    Toy(ToyConfig),
}

impl Model {
    /// Side of the input in pixels.
    #[must_use]
    pub fn input_size(&self) -> usize {
        match self {
            Self::Adm(config) => config.input_size,
            Self::FaceXray(config) => config.input_size,
            Self::Lisiam(config) => config.network.input_size,
            Self::Meso(config) => config.input_size,
            Self::Pcl(config) => config.input_size,
            Self::Snippet(config) => config.input_size,
            Self::Toy(config) => config.input_size,
        }
    }

    /// Whether single faces are judged, or else clips.
    #[must_use]
    pub fn judges_faces(&self) -> bool {
        !matches!(self, Self::Snippet(_))
    }
}

/// LiSiam, with what makes its second branch's images.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LisiamRecipe {
    /// The network.
    pub network: LisiamConfig,
    /// How the image of the second branch is degraded.
    pub degradation: DegradeConfig,
}

/// What a recipe reaches, on which data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// The data.
    pub data: String,
    /// Frame AUC on the test split, over all methods.
    pub frame_auc: f64,
    /// How far below a run may stay.
    pub tolerance: f64,
}

impl Recipe {
    /// Reads a built-in recipe by name, or a file, and sets `key=value` pairs in it, where a key
    /// is a dotted path such as `schedule.steps`; `key=` takes the key out, so that it is as if the
    /// recipe did not have it.
    ///
    /// # Errors
    /// [`Error::Recipe`] for an unknown name, key or a wrong value; it names the key.
    pub fn load(name_or_file: &str, set: &[String]) -> Result<Self, Error> {
        let wrong = |reason: String| Error::recipe(name_or_file, reason);
        let text = match BUILT_IN.iter().find(|(name, _)| *name == name_or_file) {
            Some((_, text)) => (*text).to_owned(),
            None if Path::new(name_or_file).is_file() => {
                std::fs::read_to_string(name_or_file).map_err(Error::io(name_or_file))?
            }
            None => {
                let names = BUILT_IN.map(|(name, _)| name).join(", ");
                return Err(wrong(format!(
                    "neither a file nor a built-in recipe ({names})"
                )));
            }
        };
        let recipe: Self = set::read(&text, set).map_err(wrong)?;
        recipe.check().map_err(wrong)?;
        Ok(recipe)
    }

    /// The resolved recipe of a run.
    ///
    /// # Errors
    /// As [`Recipe::load`].
    pub fn read(path: &Path) -> Result<Self, Error> {
        Self::load(&path.to_string_lossy(), &[])
    }

    /// Whether the data must hold clips: of motion, or of forgeries beside what they were made from.
    #[must_use]
    pub fn needs_clips(&self) -> bool {
        !self.model.judges_faces() || self.forgery.generator.needs_pairs()
    }

    /// Refuses values that no training can have.
    fn check(&self) -> Result<(), String> {
        let within = |name: &str, value: f64, low: f64, high: f64| {
            if (low..=high).contains(&value) {
                Ok(())
            } else {
                Err(format!("{name} = {value} is outside {low}..={high}"))
            }
        };
        within("forgery.probability", self.forgery.probability, 0.0, 1.0)?;
        within(
            "optimizer.learning_rate",
            self.optimizer.learning_rate,
            0.0,
            10.0,
        )?;
        self.optimizer.check()?;
        for (name, rate) in self.evaluation.rates() {
            within(name, rate.unwrap_or(0.0), 0.0, 1.0)?;
        }
        within("schedule.warm_up", self.schedule.warm_up, 0.0, 1.0)?;
        within("schedule.cool_down", self.schedule.cool_down, 0.0, 1.0)?;
        for (name, value) in [
            ("schedule.batch_size", self.schedule.batch_size),
            ("schedule.micro_batches", self.schedule.micro_batches),
            ("schedule.frames_per_video", self.schedule.frames_per_video),
            ("schedule.validations", self.schedule.validations),
            ("evaluation.batch_size", self.evaluation.batch_size),
        ] {
            within(name, value as f64, 1.0, 1e9)?;
        }
        let share = self.forgery.samples_per_face();
        if !self.schedule.batch_size.is_multiple_of(share) {
            return Err(format!(
                "schedule.batch_size = {} must be even where forgery.paired is true",
                self.schedule.batch_size
            ));
        }
        let parts = self.schedule.micro_batches * share;
        if !self.schedule.batch_size.is_multiple_of(parts) {
            return Err(format!(
                "schedule.batch_size = {} cannot be divided into schedule.micro_batches = {} equal parts",
                self.schedule.batch_size, self.schedule.micro_batches
            ));
        }
        self.forgery.check()?;
        let terms: &[&str] = match &self.model {
            Model::Lisiam(_) => &LossTerms::NAMES,
            _ => &[],
        };
        stage::check(&self.stages, terms)?;
        self.forgery
            .i2g
            .validate()
            .map_err(|error| format!("forgery.i2g: {error}"))?;
        self.forgery
            .sbi
            .validate()
            .map_err(|error| format!("forgery.sbi: {error}"))?;
        self.forgery
            .bi
            .validate()
            .map_err(|error| format!("forgery.bi: {error}"))?;
        self.forgery
            .mfs
            .validate()
            .map_err(|error| format!("forgery.mfs: {error}"))?;
        if let Model::Lisiam(lisiam) = &self.model {
            let degradation = lisiam.degradation.validate();
            degradation.map_err(|error| format!("model.degradation: {error}"))?;
        }
        self.forgery
            .source
            .validate()
            .map_err(|error| format!("forgery.source: {error}"))?;
        let grey = self.augmentation.crop.map(|crop| crop.around) == Some(Around::Grey);
        if grey && !matches!(self.model, Model::Lisiam(_)) {
            return Err(
                "augmentation.crop.around = \"grey\" leaves pixels without a mask, which LiSiam's loss alone ignores".into(),
            );
        }
        self.augmentation
            .validate()
            .map_err(|error| format!("augmentation: {error}"))?;
        self.evaluation
            .augmentation
            .validate()
            .map_err(|error| format!("evaluation.augmentation: {error}"))?;
        self.crop
            .check()
            .map_err(|error| format!("crop: {error}"))?;
        if self.crop.size as usize != self.model.input_size() {
            return Err(format!(
                "crop.size = {} differs from the model's input_size = {}",
                self.crop.size,
                self.model.input_size()
            ));
        }
        Ok(())
    }

    /// Refuses what could be trained and would learn nothing: a stage of LiSiam that counts no more than
    /// `L_li`, which any constant map makes zero.
    ///
    /// # Errors
    /// [`Error::Recipe`], naming the stage.
    pub fn check_training(&self) -> Result<(), Error> {
        let Model::Lisiam(lisiam) = &self.model else {
            return Ok(());
        };
        let idle = |stage: &&Stage| !lisiam.network.losses.named(&stage.losses).teach();
        match self.stages.iter().find(idle) {
            None => Ok(()),
            Some(stage) => Err(Error::recipe(
                &self.name,
                format!(
                    "stages.losses: of stage '{}' no term is left but `li`, if any, which a constant map makes zero: count `seg` or `cls`, or leave the stage out",
                    stage.name
                ),
            )),
        }
    }

    /// The recipe with every key, as TOML.
    ///
    /// # Errors
    /// Where a value has no TOML form, such as a seed above 2^63.
    pub fn to_toml(&self) -> Result<String, Error> {
        toml::to_string_pretty(self).map_err(|error| Error::recipe(&self.name, error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(set: &[&str]) -> String {
        let set: Vec<String> = set.iter().map(|pair| (*pair).to_owned()).collect();
        Recipe::load("pcl-smoke", &set).unwrap_err().to_string()
    }

    #[test]
    fn every_built_in_recipe_resolves_to_text_that_reads_back_the_same() {
        for (name, _) in BUILT_IN {
            let recipe = Recipe::load(name, &[]).unwrap();
            assert_eq!(recipe.name, name);
            assert_eq!(
                set::read::<Recipe>(&recipe.to_toml().unwrap(), &[]).unwrap(),
                recipe
            );
        }
    }

    #[test]
    fn the_paper_recipe_has_the_papers_numbers() {
        let recipe = Recipe::load("pcl-paper", &[]).unwrap();
        let Model::Pcl(model) = &recipe.model else {
            unreachable!("the recipe is PCL's")
        };
        assert_eq!(
            (model.input_size, model.patch_stride, model.lambda),
            (256, 16, 10.0)
        );
        let Optimizer {
            learning_rate,
            beta_1,
            beta_2,
            epsilon,
            ..
        } = recipe.optimizer;
        assert_eq!(
            (learning_rate, beta_1, beta_2, epsilon),
            (5e-5, 0.9, 0.999, 1e-8)
        );
        let schedule = &recipe.schedule;
        assert_eq!((schedule.epochs, schedule.batch_size), (150, 128));
        assert_eq!((schedule.frames_per_video, schedule.micro_batches), (32, 1));
        assert_eq!(
            (recipe.forgery.probability, recipe.forgery.paired),
            (0.5, false)
        );
    }

    #[test]
    fn a_batch_that_cannot_be_divided_is_refused_by_name() {
        let odd = refusal(&["forgery.paired=true", "schedule.batch_size=15"]);
        assert!(odd.contains("schedule.batch_size = 15"), "{odd}");
        let parts = refusal(&["schedule.batch_size=16", "schedule.micro_batches=3"]);
        assert!(parts.contains("schedule.micro_batches = 3"), "{parts}");
    }
}
