//! Which bottleneck gets which module.

use serde::{Deserialize, Serialize};

use crate::error::SnippetConfigError;

/// A block of the backbone, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Stage: 0 is `layer1`.
    pub stage: usize,
    /// Block of the stage.
    pub block: usize,
}

/// Which of the two modules there are (Table 4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Modules {
    /// Both: the paper's network.
    #[default]
    Both,
    /// Intra-SIM alone; where Inter-SIM would be, the block is a plain one.
    Intra,
    /// Inter-SIM alone; where Intra-SIM would be, the block is a plain one.
    Inter,
    /// None: the backbone on every frame.
    None,
}

/// How Intra-SIM and Inter-SIM take turns; Intra-SIM comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Turns {
    /// Every stage starts with Intra-SIM: "put in an alternate manner in each stage" (Table 6).
    #[default]
    EachStage,
    /// The turns go on from stage to stage, so that networks with one block a stage get both.
    WholeNetwork,
}

/// Where the modules stand. The default is the paper's: both, alternating, in every stage.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Placement {
    /// Which modules there are (Table 4).
    pub modules: Modules,
    /// The stages that have them, from 1 (`layer1`) to 4 (Table 6); others are plain. `None` is
    /// all.
    pub stages: Option<Vec<usize>>,
    /// How they take turns.
    pub turns: Turns,
}

/// What stands before the 3x3 convolution of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// Nothing: the block is the backbone's.
    Plain,
    /// Intra-SIM.
    Intra,
    /// Inter-SIM.
    Inter,
}

impl Placement {
    /// The slot of each block of each stage, for stages of so many blocks.
    pub(crate) fn slots(&self, blocks: &[usize]) -> Result<Vec<Vec<Slot>>, SnippetConfigError> {
        let stages = self.stages.iter().flatten();
        if let Some(&stage) = stages
            .clone()
            .find(|stage| !(1..=blocks.len()).contains(stage))
        {
            return Err(SnippetConfigError::NoSuchStage {
                stage,
                stages: blocks.len(),
            });
        }
        let mut turn = 0;
        let slots = blocks.iter().enumerate().map(|(stage, &blocks)| {
            let chosen = self
                .stages
                .as_ref()
                .is_none_or(|stages| stages.contains(&(stage + 1)));
            if !chosen {
                return vec![Slot::Plain; blocks];
            }
            if self.turns == Turns::EachStage {
                turn = 0;
            }
            let slots = (turn..turn + blocks).map(|turn| self.slot(turn)).collect();
            turn += blocks;
            slots
        });
        Ok(slots.collect())
    }

    fn slot(&self, turn: usize) -> Slot {
        match (turn % 2, self.modules) {
            (0, Modules::Both | Modules::Intra) => Slot::Intra,
            (1, Modules::Both | Modules::Inter) => Slot::Inter,
            _ => Slot::Plain,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One letter a block, one word a stage.
    fn drawn(placement: &Placement, blocks: &[usize]) -> String {
        let word = |slots: Vec<Slot>| -> String {
            slots
                .into_iter()
                .map(|slot| match slot {
                    Slot::Plain => '-',
                    Slot::Intra => 'a',
                    Slot::Inter => 'e',
                })
                .collect()
        };
        let stages = placement.slots(blocks).unwrap();
        stages.into_iter().map(word).collect::<Vec<_>>().join(" ")
    }

    const RESNET50: [usize; 4] = [3, 4, 6, 3];

    #[test]
    fn the_papers_placement_alternates_in_each_stage() {
        let placement = Placement::default();
        assert_eq!(drawn(&placement, &RESNET50), "aea aeae aeaeae aea");
        assert_eq!(drawn(&placement, &[1, 1, 1, 1]), "a a a a");
    }

    #[test]
    fn turns_can_go_on_over_the_stages() {
        let placement = Placement {
            turns: Turns::WholeNetwork,
            ..Placement::default()
        };
        assert_eq!(drawn(&placement, &RESNET50), "aea eaea eaeaea eae");
        assert_eq!(drawn(&placement, &[1, 1, 1, 1]), "a e a e");
        let late = Placement {
            stages: Some(vec![2, 4]),
            ..placement
        };
        assert_eq!(drawn(&late, &[1, 1, 1, 1]), "- a - e");
    }

    #[test]
    fn table_4_switches_modules_and_table_6_stages() {
        for (modules, expected) in [
            (Modules::Intra, "a-a a-a- a-a-a- a-a"),
            (Modules::Inter, "-e- -e-e -e-e-e -e-"),
            (Modules::None, "--- ---- ------ ---"),
        ] {
            let placement = Placement {
                modules,
                ..Placement::default()
            };
            assert_eq!(drawn(&placement, &RESNET50), expected);
        }
        let early = Placement {
            stages: Some(vec![1, 2]),
            ..Placement::default()
        };
        assert_eq!(drawn(&early, &RESNET50), "aea aeae ------ ---");
        for stage in [0, 5] {
            let placement = Placement {
                stages: Some(vec![1, stage]),
                ..Placement::default()
            };
            let error = placement.slots(&RESNET50).unwrap_err();
            assert_eq!(error, SnippetConfigError::NoSuchStage { stage, stages: 4 });
        }
    }
}
