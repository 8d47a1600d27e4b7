//! How far one device's numbers are from another's.

use crate::networks::{Work, numbers};

/// The greatest differences between two devices.
#[derive(Debug)]
pub(crate) struct Parity {
    /// Of the probabilities.
    pub(crate) probability: f32,
    /// Of the loss, as a share of it.
    pub(crate) loss: f32,
    /// Of all gradients together: the norm of the difference, as a share of the norm.
    pub(crate) gradient: f32,
    /// The same of the parameter where it is greatest, of those that have at least a thousandth of the whole.
    pub(crate) parameter: (String, f32),
}

fn norm(values: impl Iterator<Item = f32>) -> f32 {
    let squares = values.map(|value| f64::from(value).powi(2));
    squares.sum::<f64>().sqrt() as f32
}

/// Compares what two devices make of the same network and batch, `theirs` with `ours`.
pub(crate) fn parity(ours: &mut dyn Work, theirs: &mut dyn Work) -> Parity {
    let probabilities = [&*ours, &*theirs].map(|work| numbers(work.infer()));
    let pairs = probabilities[0].iter().zip(&probabilities[1]);
    let probability = pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    let ((loss, gradients), (their_loss, their_gradients)) = (ours.gradients(), theirs.gradients());
    assert_eq!(gradients.len(), their_gradients.len());
    let all = |gradients: &[(String, Vec<f32>)]| -> Vec<f32> {
        gradients
            .iter()
            .flat_map(|(_, values)| values.clone())
            .collect()
    };
    let share = |ours: &[f32], theirs: &[f32]| {
        norm(ours.iter().zip(theirs).map(|(a, b)| a - b)) / norm(ours.iter().copied())
    };
    let (ours, theirs) = (all(&gradients), all(&their_gradients));
    let whole = norm(ours.iter().copied());
    let parameters = gradients.iter().zip(&their_gradients);
    let parameter = parameters
        .filter(|((_, values), _)| norm(values.iter().copied()) >= 1e-3 * whole)
        .map(|((name, values), (_, others))| (name.clone(), share(values, others)))
        .max_by(|a, b| a.1.total_cmp(&b.1));
    Parity {
        probability,
        loss: (loss - their_loss).abs() / loss.abs(),
        gradient: share(&ours, &theirs),
        parameter: parameter.expect("a network has parameters"),
    }
}
