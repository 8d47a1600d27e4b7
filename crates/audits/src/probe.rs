//! What a linear layer reads of the identity from frozen features (CADDM, section 3.1, figure 2).

use std::{collections::BTreeMap, path::Path};

use explain::{Features, LinearProbe};
use face_data::Faces;
use metrics::Estimate;
use rand::Rng;
use serde::Serialize;

use crate::{Error, features::Seen};

/// Identities are told apart by a linear layer, layer by layer of a network.
#[derive(Debug, Clone, Serialize)]
pub struct Probe {
    /// From the finest layer to the coarsest, and what the classifier reads.
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

/// A layer's share of held-out faces whose identity is read rightly, with Wilson's 95 % interval of a
/// share; the faces of one person resemble each other, so people are what is independent.
#[derive(Debug, Clone, Serialize)]
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
pub(crate) fn probe(
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
        return Err(Error::TooFewPeople {
            path: path.to_owned(),
        });
    }
    let (mut fitted, mut held_out) = (Vec::new(), Vec::new());
    let (mut largest, mut frequent) = (0, 0);
    for (identity, places) in &mut by_identity {
        places.sort_by_key(|&place| {
            let row = &faces.manifest.rows[seen.faces[place].item.row];
            (&row.dataset, &row.video, row.frame)
        });
        let (first, rest) = places.split_at(places.len().div_ceil(2));
        fitted.extend_from_slice(first);
        held_out.extend_from_slice(rest);
        if rest.len() > largest {
            (largest, frequent) = (rest.len(), *identity as usize);
        }
    }
    let identity = |&place: &usize| seen.faces[place].identity as usize;
    let labels = [&fitted, &held_out].map(|places| places.iter().map(identity).collect::<Vec<_>>());
    let mut share = |features: &Features| -> Result<Estimate, Error> {
        let [fit, ask] = [&fitted, &held_out].map(|places| features.select_rows(places.iter()));
        // A layer that says nothing is no better than a guess.
        let named = match LinearProbe::fit(&fit, &labels[0], rng) {
            Ok(probe) => probe.predict(&ask),
            Err(explain::ExplainError::Constant) => vec![frequent; held_out.len()],
            Err(error) => return Err(error.into()),
        };
        let mut people: BTreeMap<usize, [usize; 2]> = BTreeMap::new();
        for (label, named) in labels[1].iter().zip(named) {
            let [right, all] = people.entry(*label).or_default();
            *right += usize::from(named == *label);
            *all += 1;
        }
        Ok(share_of(people.into_values()))
    };
    let networks = seen.trained.iter().zip(&seen.untrained);
    let layers = seen
        .layers
        .iter()
        .zip(networks)
        .map(|(layer, (trained, untrained))| {
            Ok(LayerProbe {
                layer: layer.clone(),
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

/// The share of what is right among the faces of all people, each `[right, all]`, with Wilson's 95 %
/// interval for the number of independent faces that would leave as much to chance as these people
/// do; where all or none are right, each person counts as one.
fn share_of(people: impl Iterator<Item = [usize; 2]>) -> Estimate {
    const Z: f64 = 1.959_963_984_540_054;
    let people: Vec<[f64; 2]> = people.map(|counts| counts.map(|n| n as f64)).collect();
    let sum = |of: fn(&[f64; 2]) -> f64| people.iter().map(of).sum::<f64>();
    let (right, all, count) = (sum(|p| p[0]), sum(|p| p[1]), people.len() as f64);
    let value = right / all;
    // The variance of a ratio over clusters, beside that of a share of independent faces.
    let apart = |[right, all]: &[f64; 2]| (right - value * all).powi(2);
    let variance = count / (count - 1.0) * people.iter().map(apart).sum::<f64>() / (all * all);
    let n = match variance > 0.0 {
        true => (value * (1.0 - value) / variance).min(all),
        false => count,
    };
    let middle = value + Z * Z / (2.0 * n);
    let half = Z * (value * (1.0 - value) / n + Z * Z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + Z * Z / n;
    Estimate {
        value,
        low: ((middle - half) / scale).clamp(0.0, value),
        high: ((middle + half) / scale).clamp(value, 1.0),
        no_interval: None,
        redrawn: 0,
    }
}

impl Probe {
    /// What the classifier reads.
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
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Newcombe, Statistics in Medicine 1998, table I: 81 of 263 and 0 of 20 by the score method.
    /// With a face each, people and faces are the same but for the factor n / (n - 1).
    #[test]
    fn intervals_of_independent_faces_are_wilsons() {
        let of = |right: usize, all: usize| share_of((0..all).map(|n| [usize::from(n < right), 1]));
        let share = of(81, 263);
        assert!((share.low - 0.2553).abs() < 1e-3 && (share.high - 0.3662).abs() < 1e-3);
        let share = of(0, 20);
        assert!(share.low == 0.0 && (share.high - 0.1611).abs() < 1e-4);
    }

    /// Ten faces of a person that are all right or all wrong say no more than one.
    #[test]
    fn more_faces_of_the_same_people_do_not_narrow_an_interval() {
        let of = |faces: usize| share_of((0..40).map(|n| [faces * usize::from(n < 10), faces]));
        let [one, ten] = [of(1), of(10)];
        assert_eq!(one.value, ten.value);
        assert!((one.low - ten.low).abs() < 1e-12 && (one.high - ten.high).abs() < 1e-12);
    }
}
