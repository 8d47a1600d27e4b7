//! Precision and recall at thresholds spread over [0, 1].

/// Counts, precision and recall at thresholds `i / (n - 1)`, as the plugin `pr_curves` shows them.
#[derive(Clone, Debug, PartialEq)]
pub struct PrCurve {
    thresholds: usize,
    /// `[6, thresholds]`: true and false positives, true and false negatives, precision, recall.
    rows: [Vec<f32>; 6],
}

impl PrCurve {
    /// The curve of labels (`true`: positive) and scores in [0, 1]; a score at or above a threshold is
    /// called positive. Scores outside are taken to the nearer end; what is longer, labels or scores, is
    /// cut to the other. At least two thresholds are taken.
    pub fn new(labels: &[bool], scores: &[f64], thresholds: usize) -> Self {
        let thresholds = thresholds.max(2);
        // How many of each class have their last threshold at each place.
        let mut last = [vec![0_u64; thresholds], vec![0_u64; thresholds]];
        for (label, score) in labels.iter().zip(scores) {
            let place = score.clamp(0.0, 1.0) * (thresholds - 1) as f64;
            last[usize::from(*label)][place.floor() as usize] += 1;
        }
        let [negatives, positives] = last.map(|counts| at_least(&counts));
        let mut rows: [Vec<f32>; 6] = Default::default();
        for (fp, tp) in negatives.iter().zip(&positives) {
            let (fp, tp) = (*fp as f64, *tp as f64);
            let (all_negatives, all_positives) = (negatives[0] as f64, positives[0] as f64);
            let share = |part: f64, of: f64| if of > 0.0 { part / of } else { 0.0 };
            let numbers = [
                tp,
                fp,
                all_negatives - fp,
                all_positives - tp,
                share(tp, tp + fp),
                share(tp, all_positives),
            ];
            rows.iter_mut()
                .zip(numbers)
                .for_each(|(row, number)| row.push(number as f32));
        }
        Self { thresholds, rows }
    }

    /// How many thresholds.
    pub(crate) fn thresholds(&self) -> usize {
        self.thresholds
    }

    /// The six rows, one behind the other.
    pub(crate) fn values(&self) -> Vec<f32> {
        self.rows.concat()
    }
}

/// Sums from each place to the end.
fn at_least(counts: &[u64]) -> Vec<u64> {
    let mut sums: Vec<u64> = counts
        .iter()
        .rev()
        .scan(0, |sum, count| {
            *sum += count;
            Some(*sum)
        })
        .collect();
    sums.reverse();
    sums
}
