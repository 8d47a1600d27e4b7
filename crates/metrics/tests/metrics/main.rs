//! Measures beside scikit-learn and their own properties.

mod bootstrap;
mod calibration;
mod pixels;
mod ranking;
mod scikit_learn;
mod video;
