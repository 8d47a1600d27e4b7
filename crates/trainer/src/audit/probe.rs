//! What a linear layer reads of the identity from frozen features (CADDM, section 3.1, figure 2).

use std::{collections::BTreeMap, path::Path};

use core_tensor_ops::MapSpec;
use explain::{Features, LinearProbe};
use metrics::Estimate;
use rand::Rng;
use serde_json::{Value, json};

use super::{estimate_json, features::Seen};
use crate::{Error, faces::Faces};

/// Identities are told apart by a linear layer, layer by layer of a network.
#[derive(Debug, Clone)]
pub struct Probe {
    /// From the finest layer to the coarsest.
    pub layers: Vec<LayerProbe>,
    /// Identities to tell apart.
    pub identities: usize,
    /// Real faces that the linear layer is fitted to.
    pub fitted: usize,
    /// Real faces of the same people that it is asked about.
    pub held_out: usize,
    /// Share that guessing the most frequent identity gets right.
    pub chance: f64,
}

/// A layer's share of held-out faces whose identity is read rightly, with the 95 % interval of a
/// share (Wilson).
#[derive(Debug, Clone)]
pub struct LayerProbe {
    /// The layer.
    pub layer: String,
    /// Of the detector.
    pub trained: Estimate,
    /// Of the same network before any training.
    pub untrained: Estimate,
}

/// Fits and asks a probe at every layer of both networks. Real faces alone take part, of people with
/// two or more; of each person the first half, in the order of videos and frames, is fitted to and
/// the rest is held out.
///
/// # Errors
/// Where fewer than two people have two faces.
pub(super) fn probe(
    layers: &[MapSpec],
    seen: &Seen,
    faces: &Faces,
    path: &Path,
    rng: &mut impl Rng,
) -> Result<Probe, Error> {
    let mut by_identity: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (place, face) in seen.faces.iter().enumerate() {
        if !face.forged {
            by_identity.entry(face.identity).or_default().push(place);
        }
    }
    by_identity.retain(|_, places| places.len() >= 2);
    if by_identity.len() < 2 {
        return Err(Error::data(
            path,
            "an audit of identities needs two people or more with two real faces or more each: name other data with --data",
        ));
    }
    let (mut fitted, mut held_out, mut largest) = (Vec::new(), Vec::new(), 0);
    for places in by_identity.values_mut() {
        places.sort_by_key(|&place| {
            let row = &faces.manifest.rows[seen.faces[place].item.row];
            (&row.dataset, &row.video, row.frame)
        });
        let (first, rest) = places.split_at(places.len().div_ceil(2));
        fitted.extend_from_slice(first);
        held_out.extend_from_slice(rest);
        largest = largest.max(rest.len());
    }
    let identity = |&place: &usize| seen.faces[place].identity as usize;
    let labels = [&fitted, &held_out].map(|places| places.iter().map(identity).collect::<Vec<_>>());
    let mut share = |features: &Features| -> Result<Estimate, Error> {
        let [fit, ask] = [&fitted, &held_out].map(|places| features.select_rows(places.iter()));
        // A layer that says nothing is no better than a guess.
        let right = match LinearProbe::fit(&fit, &labels[0], rng) {
            Ok(probe) => probe.right(&ask, &labels[1]),
            Err(explain::ExplainError::Constant) => largest,
            Err(error) => return Err(error.into()),
        };
        Ok(share_of(right, held_out.len()))
    };
    let networks = seen.trained.iter().zip(&seen.untrained);
    let layers = layers
        .iter()
        .zip(networks)
        .map(|(layer, (trained, untrained))| {
            Ok(LayerProbe {
                layer: layer.name.into(),
                trained: share(trained)?,
                untrained: share(untrained)?,
            })
        })
        .collect::<Result<_, Error>>()?;
    Ok(Probe {
        layers,
        identities: by_identity.len(),
        chance: largest as f64 / held_out.len() as f64,
        fitted: fitted.len(),
        held_out: held_out.len(),
    })
}

/// A share with Wilson's 95 % interval.
fn share_of(right: usize, all: usize) -> Estimate {
    const Z: f64 = 1.959_963_984_540_054;
    let n = all as f64;
    let value = right as f64 / n;
    let middle = value + Z * Z / (2.0 * n);
    let half = Z * (value * (1.0 - value) / n + Z * Z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + Z * Z / n;
    Estimate {
        value,
        low: ((middle - half) / scale).max(0.0),
        high: ((middle + half) / scale).min(1.0),
        redrawn: 0,
    }
}

impl Probe {
    /// The layer that the classifier reads.
    #[must_use]
    pub fn last(&self) -> &LayerProbe {
        self.layers.last().expect("a network has a layer")
    }

    /// One line for a person.
    #[must_use]
    pub fn sentence(&self) -> String {
        let LayerProbe {
            layer,
            trained,
            untrained,
        } = self.last();
        format!(
            "A linear layer on {layer} names the person in {:.1} % of {} held-out faces (95 % interval {:.1} to {:.1}) of {} people; before training {:.1} %, guessing {:.1} %.",
            100.0 * trained.value,
            self.held_out,
            100.0 * trained.low,
            100.0 * trained.high,
            self.identities,
            100.0 * untrained.value,
            100.0 * self.chance,
        )
    }

    /// As `audit.json` has it.
    pub(super) fn to_json(&self) -> Value {
        let layers = self.layers.iter().map(|layer| {
            json!({
                "layer": layer.layer,
                "trained": estimate_json(&layer.trained),
                "untrained": estimate_json(&layer.untrained),
            })
        });
        json!({
            "layers": layers.collect::<Vec<_>>(),
            "identities": self.identities,
            "fitted": self.fitted,
            "held_out": self.held_out,
            "chance": self.chance,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Newcombe, Statistics in Medicine 1998, table I: 81 of 263 and 0 of 20 by the score method.
    #[test]
    fn intervals_are_wilsons() {
        let share = share_of(81, 263);
        assert!((share.low - 0.2553).abs() < 1e-4 && (share.high - 0.3662).abs() < 1e-4);
        let share = share_of(0, 20);
        assert!(share.low == 0.0 && (share.high - 0.1611).abs() < 1e-4);
    }
}
