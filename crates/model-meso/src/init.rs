//! From a configuration to a network.

use burn::nn::conv::Conv2dConfig;
use burn::nn::{BatchNormConfig, LinearConfig, PaddingConfig2d};
use burn::tensor::Device;
use core_tensor_ops::{conv2d_kaiming_uniform, linear_kaiming_uniform};
use rand::Rng;

use crate::config::{MesoConfig, MesoConfigError, STRIDE};
use crate::inception::Inception;
use crate::model::Meso;

/// Channels of the last convolutions, and outputs of the first linear layer.
const WIDTH: usize = 16;

impl MesoConfig {
    /// The network, its weights drawn from `rng`.
    ///
    /// # Errors
    ///
    /// [`MesoConfigError`] if a number is out of range.
    pub fn init(&self, device: &Device, rng: &mut impl Rng) -> Result<Meso, MesoConfigError> {
        self.check()?;
        // Keras's defaults; its momentum of 0.99 is what remains of the old mean.
        let norm = |channels| {
            let config = BatchNormConfig::new(channels).with_epsilon(1e-3);
            config.with_momentum(0.01).init(device)
        };
        let conv = |inputs| {
            let config = Conv2dConfig::new([inputs, WIDTH], [5, 5]);
            config.with_padding(PaddingConfig2d::Explicit(2, 2, 2, 2))
        };
        let inception1 = Inception::new(3, [1, 4, 4, 2], device, rng);
        let inception2 = Inception::new(inception1.channels(), [2, 4, 4, 2], device, rng);
        let side = self.input_size / STRIDE;
        let hidden = LinearConfig::new(WIDTH * side * side, WIDTH);
        Ok(Meso {
            norm1: norm(inception1.channels()),
            norm2: norm(inception2.channels()),
            norm3: norm(WIDTH),
            norm4: norm(WIDTH),
            conv3: conv2d_kaiming_uniform(&conv(inception2.channels()), device, rng),
            conv4: conv2d_kaiming_uniform(&conv(WIDTH), device, rng),
            hidden: linear_kaiming_uniform(&hidden, device, rng),
            fc: linear_kaiming_uniform(&LinearConfig::new(WIDTH, 1), device, rng),
            inception1,
            inception2,
            config: self.clone(),
        })
    }
}
