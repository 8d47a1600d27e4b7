//! Which frames of a clip are looked at.

use video::sample_uniform;

use crate::PrepConfig;

/// Runs of frames, in the order of time; single frames where a run has one. Runs do not overlap: those
/// that would are one longer run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Places {
    runs: Vec<Vec<usize>>,
}

impl Places {
    /// `config.frames` runs of `config.successive` frames, spread evenly from the first to the last of
    /// `numbers`, which ascend; a run lies where numbers follow each other without a gap.
    pub(crate) fn spread(numbers: &[usize], config: &PrepConfig) -> Result<Self, String> {
        let length = config.successive.min(numbers.len()).max(1);
        let without_gap = |run: &[usize]| run[length - 1] - run[0] == length - 1;
        let starts: Vec<usize> = numbers
            .windows(length)
            .enumerate()
            .filter_map(|(start, run)| without_gap(run).then_some(start))
            .collect();
        if starts.is_empty() && !numbers.is_empty() {
            let first: Vec<_> = numbers.iter().take(3).map(usize::to_string).collect();
            return Err(format!(
                "no {length} successive frames among its {}, of the numbers {}, ...",
                numbers.len(),
                first.join(", ")
            ));
        }
        let chosen = sample_uniform(starts.len(), config.frames);
        let mut runs: Vec<Vec<usize>> = Vec::new();
        for run in chosen.into_iter().map(|i| &numbers[starts[i]..][..length]) {
            match runs.last_mut() {
                Some(last) if last.last() >= run.first() => {
                    let end = last.last().copied();
                    last.extend(run.iter().filter(|&&number| Some(number) > end));
                }
                _ => runs.push(run.to_vec()),
            }
        }
        Ok(Self { runs })
    }

    /// Without the frames that are not among `numbers`, which ascend.
    pub(crate) fn among(mut self, numbers: &[usize]) -> Self {
        for run in &mut self.runs {
            run.retain(|number| numbers.binary_search(number).is_ok());
        }
        self.runs.retain(|run| !run.is_empty());
        self
    }

    /// All frames, ascending.
    pub(crate) fn frames(&self) -> Vec<usize> {
        self.runs.concat()
    }

    /// All frames, ascending, each run after the `lead` frames before it, of those that are `there`.
    pub(crate) fn led(&self, lead: usize, there: impl Fn(usize) -> bool) -> Vec<usize> {
        let mut all = self.frames();
        for first in self.runs.iter().filter_map(|run| run.first()) {
            all.extend((first.saturating_sub(lead)..*first).filter(|&number| there(number)));
        }
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Whether a snippet of `length` frames begins at a frame: at the first of a run, and at each
    /// `length` frames further on in a longer one.
    pub(crate) fn begins(&self, frame: usize, length: usize) -> bool {
        self.runs.iter().any(|run| {
            let mut firsts = run.iter().step_by(length.max(1));
            firsts.any(|first| *first == frame)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(numbers: &[usize], frames: usize, successive: usize) -> Result<Vec<usize>, String> {
        let config = PrepConfig {
            frames,
            successive,
            ..PrepConfig::default()
        };
        Places::spread(numbers, &config).map(|places| places.frames())
    }

    #[test]
    fn runs_are_of_successive_numbers_alone() {
        let whole: Vec<usize> = (0..100).collect();
        assert_eq!(spread(&whole, 4, 1).unwrap(), [0, 33, 66, 99]);
        assert_eq!(spread(&whole, 2, 3).unwrap(), [0, 1, 2, 97, 98, 99]);
        assert_eq!(spread(&whole[..3], 2, 4).unwrap(), [0, 1, 2]);
        // Numbers 10 to 12 and 40 to 42 are runs; 20 and 30 lie alone.
        let gaps = [10, 11, 12, 20, 30, 40, 41, 42];
        assert_eq!(spread(&gaps, 5, 3).unwrap(), [10, 11, 12, 40, 41, 42]);
        let said = spread(&[42, 66, 90], 5, 2).unwrap_err();
        assert!(said.contains("42, 66, 90"), "{said}");
        assert_eq!(spread(&[], 5, 2).unwrap(), [0_usize; 0]);
    }

    #[test]
    fn runs_are_led_to_by_the_frames_before_them_that_there_are() {
        let config = PrepConfig {
            frames: 2,
            successive: 2,
            ..PrepConfig::default()
        };
        let whole: Vec<usize> = (0..20).collect();
        let places = Places::spread(&whole, &config).unwrap();
        assert_eq!(places.led(3, |_| true), [0, 1, 15, 16, 17, 18, 19]);
        assert_eq!(places.led(3, |number| number != 16), [0, 1, 15, 17, 18, 19]);
        assert_eq!(places.led(0, |_| true), places.frames());
        // Runs nearer to each other than the lead: no frame twice.
        let places = Places::spread(&whole[..5], &config).unwrap();
        assert_eq!(places.led(3, |_| true), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn snippets_begin_with_their_runs_and_follow_each_other_in_longer_ones() {
        let config = PrepConfig {
            frames: 3,
            successive: 4,
            ..PrepConfig::default()
        };
        let begin = |count: usize| {
            let numbers: Vec<usize> = (0..count).collect();
            let places = Places::spread(&numbers, &config).unwrap();
            let all = places.frames().into_iter();
            all.filter(|frame| places.begins(*frame, 4))
                .collect::<Vec<_>>()
        };
        assert_eq!(begin(100), [0, 48, 96]);
        // Of ten frames the runs 0 to 3, 3 to 6 and 6 to 9 are one.
        assert_eq!(begin(10), [0, 4, 8]);
    }
}
