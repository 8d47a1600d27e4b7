//! Faces on a plane, by what the classifier reads of them.

use std::collections::BTreeMap;

use evaluation::ScoringSet;
use explain::{Features, Tsne, tsne};
use rand::{Rng, seq::SliceRandom};

use crate::{Error, features::Seen, outcome::Placed};

/// People of CADDM's figure 5, and pictures of all of them together.
const PEOPLE: usize = 10;
const PICTURES: usize = 100;

/// All faces: LiSiam's figure 5, the classes of the data set.
///
/// # Errors
/// Where there are too few faces, or their features do not differ.
pub(crate) fn of_classes(
    seen: &Seen,
    set: &ScoringSet<'_>,
    rng: &mut impl Rng,
) -> Result<Vec<Placed>, Error> {
    let all: Vec<usize> = (0..seen.faces.len()).collect();
    lay_out(read(seen).clone(), &all, seen, set, rng)
}

/// Up to 100 faces of 10 people drawn at random among those with the most, real and forged alike,
/// their features of length one: CADDM's figure 5 ("feature space with L2 normalization").
///
/// # Errors
/// As [`of_classes`].
pub(crate) fn of_people(
    seen: &Seen,
    set: &ScoringSet<'_>,
    rng: &mut impl Rng,
) -> Result<Vec<Placed>, Error> {
    let identities: Vec<u32> = seen.faces.iter().map(|face| face.identity).collect();
    let drawn = draw_people(&identities, rng);
    let mut features = read(seen).select_rows(drawn.iter());
    normalize(&mut features);
    lay_out(features, &drawn, seen, set, rng)
}

fn read(seen: &Seen) -> &Features {
    seen.trained.last().expect("a classifier reads something")
}

/// Places of the faces of the figure, in order.
fn draw_people(identities: &[u32], rng: &mut impl Rng) -> Vec<usize> {
    let mut people: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (place, identity) in identities.iter().enumerate() {
        people.entry(*identity).or_default().push(place);
    }
    let mut people: Vec<Vec<usize>> = people.into_values().collect();
    people.shuffle(rng);
    let each = PICTURES / PEOPLE;
    // Those with enough pictures first; the shuffled order among them is kept.
    people.sort_by_key(|places| std::cmp::Reverse(places.len().min(each)));
    people.truncate(PEOPLE);
    let mut drawn: Vec<usize> = people
        .iter_mut()
        .flat_map(|places| places.partial_shuffle(rng, each).0.to_vec())
        .collect();
    drawn.sort_unstable();
    drawn
}

/// Each row of length one; a row of zeros stays.
fn normalize(features: &mut Features) {
    for mut row in features.row_iter_mut() {
        let length = row.norm();
        if length > 0.0 {
            row /= length;
        }
    }
}

fn lay_out(
    features: Features,
    faces: &[usize],
    seen: &Seen,
    set: &ScoringSet<'_>,
    rng: &mut impl Rng,
) -> Result<Vec<Placed>, Error> {
    let points = tsne(&features, &Tsne::default(), rng)?;
    let placed = points.into_iter().zip(faces).map(|(at, &face)| {
        let face = &seen.faces[face];
        Placed {
            at,
            identity: face.identity,
            forged: face.forged,
            method: set.video(face.item).method,
        }
    });
    Ok(placed.collect())
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    /// Fourteen people of 3 to 16 pictures: the figure has ten of each of ten people.
    #[test]
    fn the_figure_has_a_hundred_pictures_of_ten_people() {
        let identities: Vec<u32> = (0..14)
            .flat_map(|who| vec![who; 3 + who as usize])
            .collect();
        let drawn = draw_people(&identities, &mut ChaCha8Rng::seed_from_u64(1));
        let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
        for place in &drawn {
            *counts.entry(identities[*place]).or_default() += 1;
        }
        assert_eq!((drawn.len(), counts.len()), (94, 10));
        assert!(
            counts
                .iter()
                .all(|(who, n)| *n == 10.min(3 + *who as usize))
        );
        assert!(drawn.is_sorted_by(|a, b| a < b));
        let few = draw_people(&[1, 1, 2], &mut ChaCha8Rng::seed_from_u64(1));
        assert_eq!(few, [0, 1, 2]);
    }

    #[test]
    fn features_become_of_length_one() {
        let mut features = Features::from_row_slice(2, 2, &[3.0, 4.0, 0.0, 0.0]);
        normalize(&mut features);
        assert_eq!(
            features,
            Features::from_row_slice(2, 2, &[0.6, 0.8, 0.0, 0.0])
        );
    }
}
