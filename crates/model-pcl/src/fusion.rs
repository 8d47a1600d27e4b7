//! From the 4-D consistency volume to a 2-D heat map of forged patches.

use burn::tensor::{Tensor, TensorData};
use serde::{Deserialize, Serialize};

/// How the consistency maps of all base patches become one heat map. The paper fuses them "over all
/// patches" (section 3.1) and does not say how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fusion {
    /// One minus the mean over all base patches. A patch is bright if it disagrees with most
    /// others, so the map is inverted when more than half of the crop is forged, and a forged share
    /// `p` reaches at most `1 - p`.
    Mean,
    /// One minus the mean over the base patches at the crop's border, which a face crop with a
    /// margin leaves pristine: 1 = unlike the border.
    #[default]
    BorderAnchored,
}

impl Fusion {
    /// By how much each base patch counts, row by row of the grid `[H', W']`; they sum to 1.
    pub fn weights(self, [height, width]: [usize; 2]) -> Vec<f32> {
        let is_base = |patch: usize| match self {
            Self::Mean => true,
            Self::BorderAnchored => {
                let (row, column) = (patch / width, patch % width);
                row == 0 || column == 0 || row + 1 == height || column + 1 == width
            }
        };
        let patches = 0..height * width;
        let share = 1.0 / patches.clone().filter(|&patch| is_base(patch)).count() as f32;
        patches
            .map(|patch| if is_base(patch) { share } else { 0.0 })
            .collect()
    }

    /// Fuses a consistency volume into a heat map.
    ///
    /// # Shapes
    ///
    /// - `volume`: `[batch, H', W', H', W']`, in `0..=1`, base patch first
    /// - returns `[batch, H', W']`, in `0..=1`, 1 = forged
    pub fn heat_map(self, volume: Tensor<5>) -> Tensor<3> {
        let [batch, height, width, _, _] = volume.dims();
        let patches = height * width;
        let weights = self.weights([height, width]);
        let weights =
            Tensor::<3>::from_data(TensorData::new(weights, [1, patches, 1]), &volume.device());
        let consistency = (volume.reshape([batch, patches, patches]) * weights).sum_dim(1);
        // The sum of rounded weights may exceed one by a few ulps.
        consistency
            .neg()
            .add_scalar(1.0)
            .clamp(0.0, 1.0)
            .reshape([batch, height, width])
    }
}
