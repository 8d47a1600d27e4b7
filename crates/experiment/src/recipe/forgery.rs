//! Where the forgeries of a training come from.

use serde::{Deserialize, Serialize};
use synth_data::{BiConfig, I2gConfig, augment::AugmentConfig, mfs::MfsConfig, sbi::SbiConfig};

/// What makes the forgeries of a training.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Generator {
    /// The inconsistency image generator: two real faces (PCL 3.2).
    #[default]
    I2g,
    /// Self-blended images: one real face (Shiohara and Yamasaki, CVPR 2022). With `paired`, the
    /// real one of the pair is as that method makes it.
    Sbi,
    /// The blended images of Face X-ray: two real faces (Li et al., CVPR 2020, section 3.3).
    Bi,
    /// The multi-scale facial swap: a real face and one of the data set's forgeries made from it
    /// (ADM 4.2).
    Mfs,
    /// The data set's own forgeries. With `paired`, the ones made from the real face drawn.
    Data,
    /// I2G, SBI and partial swaps of their forgeries, in turns by chance: see [`Mix`]. Real faces alone
    /// are needed. With `paired`, the real one of the pair is as its method makes it.
    Mix,
}

impl Generator {
    /// As recipes and tables of scores name it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::I2g => "i2g",
            Self::Sbi => "sbi",
            Self::Bi => "bi",
            Self::Mfs => "mfs",
            Self::Data => "data",
            Self::Mix => "mix",
        }
    }

    /// For a person.
    #[must_use]
    pub fn full_name(self) -> &'static str {
        match self {
            Self::I2g => "the inconsistency image generator (I2G)",
            Self::Sbi => "self-blending (SBI)",
            Self::Bi => "the blended images of Face X-ray (BI)",
            Self::Mfs => "the multi-scale facial swap (MFS)",
            Self::Data => "the data set's own methods",
            Self::Mix => "I2G, SBI and partial swaps in turns",
        }
    }

    /// Whether the data set's forgeries are the material.
    #[must_use]
    pub fn needs_pairs(self) -> bool {
        matches!(self, Self::Mfs | Self::Data)
    }
}

/// How often the generator `mix` takes which method: weights, at least 0, not all 0.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mix {
    /// The inconsistency image generator.
    pub i2g: f64,
    /// Self-blending.
    pub sbi: f64,
    /// Of a forgery by one of the two, a part alone is put back into the real face: the multi-scale
    /// facial swap, with forgeries of our own.
    pub partial: f64,
}

impl Default for Mix {
    fn default() -> Self {
        Self {
            i2g: 0.4,
            sbi: 0.4,
            partial: 0.2,
        }
    }
}

impl Mix {
    fn check(self) -> Result<(), String> {
        let weights = [self.i2g, self.sbi, self.partial];
        let ok = weights.iter().all(|w| w.is_finite() && *w >= 0.0);
        match ok && self.i2g + self.sbi > 0.0 {
            true => Ok(()),
            false => Err(
                "forgery.mix: weights are at least 0, and `i2g` or `sbi` is above 0: parts are taken of their forgeries".into(),
            ),
        }
    }
}

/// How often faces are drawn as they are, and forged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Balance {
    /// By `probability` and `paired`; rows of the data set's forgeries as often as there are.
    #[default]
    Given,
    /// As the data have them. With `mfs`, a real face that `n` forgeries were made from is one in
    /// `n + 1` times real: of FaceForensics++ with five methods 1:5, as ADM's official code draws.
    Natural,
    /// Half and half: real and forged faces in turns, each drawn anew when all of its kind were.
    Even,
}

/// The forgeries of a training. The default is the paper's of PCL (4.2).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Forgery {
    /// What makes them.
    pub generator: Generator,
    /// Draw the training split's own forgeries, too, beside the generator's; they need a `mask`.
    pub with_data: bool,
    /// Methods of the data set's forgeries that are not learnt from, as the rows name them: neither trained nor
    /// tuned on, so that a test is of methods that were never seen. Default: none.
    pub held_out: Vec<String>,
    /// Chance that a real face becomes a forgery when it is drawn.
    pub probability: f64,
    /// How often faces are drawn as they are, and forged.
    pub balance: Balance,
    /// Put every face that is drawn into the batch twice, as it is and forged, with the same
    /// augmentation, instead of by chance once; as self-blended images are trained (not in the
    /// paper). `probability` then has no effect, and a batch holds half as many faces. Of clips, each
    /// forged one comes with the real one it was made from, at the same moments.
    pub paired: bool,
    /// Of the generator `i2g`.
    pub i2g: I2gConfig,
    /// Of the generators `i2g` and `bi`: augmentation of the source alone, before it is blended in: sources then differ from the
    /// target in more ways than the faces at hand do (PCL 3.2: "augmentation to the generation
    /// process", to generalise "to a wide range of sources"). Default: none.
    pub source: AugmentConfig,
    /// Of the generator `sbi`.
    pub sbi: SbiConfig,
    /// Of the generator `bi`.
    pub bi: BiConfig,
    /// Of the generator `mfs`.
    pub mfs: MfsConfig,
    /// Of the generator `mix`.
    pub mix: Mix,
}

impl Default for Forgery {
    fn default() -> Self {
        Self {
            generator: Generator::default(),
            with_data: false,
            held_out: Vec::new(),
            probability: 0.5,
            balance: Balance::default(),
            paired: false,
            i2g: I2gConfig::default(),
            source: AugmentConfig::none(),
            sbi: SbiConfig::default(),
            bi: BiConfig::default(),
            mfs: MfsConfig::default(),
            mix: Mix::default(),
        }
    }
}

impl Forgery {
    /// Samples of a batch that one drawn face makes.
    #[must_use]
    pub fn samples_per_face(&self) -> usize {
        if self.paired { 2 } else { 1 }
    }

    /// Whether the training split's forged rows are drawn as they are.
    #[must_use]
    pub fn draws_data_forgeries(&self) -> bool {
        self.with_data || (self.generator == Generator::Data && !self.paired)
    }

    /// Whether the data set's forgeries are trained on, as they are or as material.
    #[must_use]
    pub fn learns_from_data(&self) -> bool {
        self.with_data || self.generator.needs_pairs()
    }

    /// Refuses weights and a balance that have no meaning.
    pub(super) fn check(&self) -> Result<(), String> {
        self.mix.check()?;
        let meant = match self.balance {
            Balance::Given => return Ok(()),
            Balance::Natural => self.generator == Generator::Mfs && !self.with_data,
            Balance::Even => self.draws_data_forgeries(),
        };
        match meant && !self.paired {
            true => Ok(()),
            false => Err(
                "forgery.balance: `natural` is of the generator `mfs`, `even` of the data set's own forgeries (`data`, `with_data`), and neither of `paired`".into(),
            ),
        }
    }

    /// Whether the generator makes the real one of a pair, too.
    #[must_use]
    pub fn makes_both(&self) -> bool {
        self.paired && matches!(self.generator, Generator::Sbi | Generator::Mix)
    }

    /// For the sample at `place` in a batch: which of the batch's faces it shows, and whether it is
    /// forged ([`None`]: by chance).
    #[must_use]
    pub fn draw(&self, place: usize) -> (usize, Option<bool>) {
        match self.paired {
            true => (place / 2, Some(place % 2 == 1)),
            false => (place, None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_one_face_as_it_is_and_forged() {
        let forgery = Forgery {
            paired: true,
            ..Forgery::default()
        };
        let drawn: Vec<_> = (0..4).map(|place| forgery.draw(place)).collect();
        let pair = |face| [(face, Some(false)), (face, Some(true))];
        assert_eq!(drawn, [pair(0), pair(1)].concat());
        assert_eq!(Forgery::default().draw(3), (3, None));
    }

    #[test]
    fn a_balance_without_meaning_is_refused() {
        let of = |generator, balance, paired| Forgery {
            generator,
            balance,
            paired,
            ..Forgery::default()
        };
        for (generator, balance) in [
            (Generator::Mfs, Balance::Natural),
            (Generator::Data, Balance::Even),
            (Generator::I2g, Balance::Given),
        ] {
            of(generator, balance, false).check().unwrap();
        }
        for forgery in [
            of(Generator::Mfs, Balance::Natural, true),
            of(Generator::I2g, Balance::Natural, false),
            of(Generator::Mfs, Balance::Even, false),
            of(Generator::Data, Balance::Even, true),
        ] {
            assert!(forgery.check().unwrap_err().contains("forgery.balance"));
        }
        let with_data = Forgery {
            with_data: true,
            ..of(Generator::I2g, Balance::Even, false)
        };
        with_data.check().unwrap();
    }
}
