//! The search for source faces with landmarks like the target's (PCL paper, Alg. 1, line 2).
//!
//! Distances are l2 norms over the 136 coordinates, in pixels, as the paper writes them:
//! `||K(X_t) - K(X_s)||_2`. Landmarks are compared as they are given, so all of them must be in one
//! normalised frame: the crops after alignment and resizing to one common size.
//!
//! The search is exact. Every shape is stored with its first principal components and the length of
//! what they leave over; their distance never exceeds the shapes' own, so that most faces are
//! rejected after a few numbers. Faces lie in the order of the first component, in blocks whose
//! numbers of one kind are contiguous, and only blocks within reach are looked at.

use face_preproc::geometry::{Landmarks68, all_finite};
use nalgebra::{DMatrix, SymmetricEigen};
use rand::{
    Rng, RngExt,
    seq::{IndexedRandom, index::sample},
};

use crate::error::{Error, Role};

/// Coordinates of a shape.
const DIM: usize = 136;
/// Principal components kept.
const COMPONENTS: usize = 15;
/// Numbers stored for the lower bound: the components and the length of the rest.
const CODE: usize = COMPONENTS + 1;
/// Faces in a block.
const LANES: usize = 64;
/// Faces that the principal components are computed from.
const SAMPLE: usize = 4096;
/// Numbers of a block looked at before it may be given up.
const FIRST: usize = 4;

/// The lower bounds of a block.
type Bounds = [f32; LANES];

/// A source face drawn for a target.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Drawn {
    /// Its place in the lists that the index was made from.
    pub index: usize,
    /// The distance of its landmarks from the target's, in pixels.
    pub distance: f32,
    /// Whether that is less than epsilon. If not, no face of another identity was that near, and
    /// this is the nearest.
    pub within_epsilon: bool,
}

/// Landmarks of many faces, ready to be searched. Holds `N x (136 + 16)` `f32`.
#[derive(Debug, Clone)]
pub struct LandmarkIndex {
    mean: [f32; DIM],
    /// `[component][coordinate]`, orthonormal rows.
    basis: Vec<[f32; DIM]>,
    /// `[block][number][lane]`, sorted by the first number; infinite beyond the last face.
    codes: Vec<[[f32; LANES]; CODE]>,
    /// For each sorted place, the place in the input.
    order: Vec<u32>,
    /// Identities and shapes in sorted order.
    identities: Vec<u32>,
    shapes: Vec<Landmarks68>,
    /// The greatest magnitude among the codes.
    longest: f32,
}

/// The l2 norm of the difference of two shapes over all 136 coordinates, in pixels.
pub fn shape_distance(a: &Landmarks68, b: &Landmarks68) -> f32 {
    // Sixteen partial sums let the compiler use vector registers, in one fixed order.
    let mut sums = [0.0_f32; 16];
    let (a, b) = (a.as_flattened(), b.as_flattened());
    for (a, b) in a.chunks(16).zip(b.chunks(16)) {
        for ((s, a), b) in sums.iter_mut().zip(a).zip(b) {
            *s += (a - b) * (a - b);
        }
    }
    sums.iter().sum::<f32>().sqrt()
}

impl LandmarkIndex {
    /// An index over faces in one normalised frame, with the identity of each.
    ///
    /// # Errors
    /// [`Error::IndexInput`] for empty lists or lists of different lengths, [`Error::NonFinite`]
    /// (of a source) for a landmark that is not finite.
    pub fn new(landmarks: &[Landmarks68], identities: &[u32]) -> Result<Self, Error> {
        if landmarks.is_empty() || landmarks.len() != identities.len() {
            return Err(Error::IndexInput {
                faces: landmarks.len(),
                identities: identities.len(),
            });
        }
        landmarks
            .iter()
            .try_for_each(|shape| check_finite(shape, Role::Source))?;
        let (mean, basis) = principal_components(landmarks);
        let mut index = Self {
            mean,
            basis,
            codes: Vec::new(),
            order: Vec::new(),
            identities: Vec::new(),
            shapes: Vec::new(),
            longest: 0.0,
        };
        let codes: Vec<[f32; CODE]> = landmarks.iter().map(|shape| index.encode(shape)).collect();
        let mut order: Vec<u32> = (0..landmarks.len() as u32).collect();
        order.sort_by(|&i, &j| codes[i as usize][0].total_cmp(&codes[j as usize][0]));
        index.codes = order
            .chunks(LANES)
            .map(|block| {
                let mut numbers = [[f32::INFINITY; LANES]; CODE];
                for (lane, &i) in block.iter().enumerate() {
                    for (row, value) in numbers.iter_mut().zip(codes[i as usize]) {
                        row[lane] = value;
                    }
                }
                numbers
            })
            .collect();
        index.longest = codes.iter().flatten().fold(0.0, |a: f32, c| a.max(c.abs()));
        index.identities = order.iter().map(|&i| identities[i as usize]).collect();
        index.shapes = order.iter().map(|&i| landmarks[i as usize]).collect();
        index.order = order;
        Ok(index)
    }

    /// Number of faces.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether there are no faces; never true, an index has at least one.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// All faces of other identities nearer than `epsilon`, as places in the input, ascending.
    ///
    /// # Errors
    /// [`Error::NonFinite`] (of a target) for a landmark that is not finite.
    pub fn candidates(
        &self,
        query: &Landmarks68,
        identity: u32,
        epsilon: f32,
    ) -> Result<Vec<usize>, Error> {
        check_finite(query, Role::Target)?;
        let mut found: Vec<usize> = self
            .possible(query, identity, epsilon)
            .into_iter()
            .filter(|&place| shape_distance(query, &self.shapes[place]) < epsilon)
            .map(|place| self.order[place] as usize)
            .collect();
        found.sort_unstable();
        Ok(found)
    }

    /// A face of another identity nearer than `epsilon`, all such faces alike likely; where there
    /// is none, the nearest face of another identity.
    ///
    /// # Errors
    /// [`Error::NonFinite`] (of a target) for a landmark that is not finite,
    /// [`Error::NoOtherIdentity`] when all faces have the query's identity.
    pub fn draw(
        &self,
        query: &Landmarks68,
        identity: u32,
        epsilon: f32,
        rng: &mut impl Rng,
    ) -> Result<Drawn, Error> {
        check_finite(query, Role::Target)?;
        // Drawing among all that may be near until one is: alike likely among those that are,
        // without measuring the others.
        let mut possible = self.possible(query, identity, epsilon);
        while !possible.is_empty() {
            let place = possible.swap_remove(rng.random_range(0..possible.len()));
            let distance = shape_distance(query, &self.shapes[place]);
            if distance < epsilon {
                return Ok(Drawn {
                    index: self.order[place] as usize,
                    distance,
                    within_epsilon: true,
                });
            }
        }
        let (distance, index) = self
            .nearest(query, identity)
            .ok_or(Error::NoOtherIdentity(identity))?;
        Ok(Drawn {
            index,
            distance,
            within_epsilon: false,
        })
    }

    /// One of the `nearest` faces of other identities among `subset` faces drawn at random, all alike likely,
    /// as its place in the input (Face X-ray, section 3.3).
    ///
    /// # Errors
    /// [`Error::NonFinite`] (of a target) for a landmark that is not finite,
    /// [`Error::NoOtherIdentity`] when no face of another identity was drawn.
    pub fn draw_near(
        &self,
        query: &Landmarks68,
        identity: u32,
        [subset, nearest]: [usize; 2],
        rng: &mut impl Rng,
    ) -> Result<usize, Error> {
        check_finite(query, Role::Target)?;
        let drawn = sample(rng, self.len(), subset.min(self.len())).into_iter();
        let mut near: Vec<_> = drawn
            .filter(|&place| self.identities[place] != identity)
            .map(|place| (shape_distance(query, &self.shapes[place]), place))
            .collect();
        near.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        near.truncate(nearest);
        let chosen = near.choose(rng).ok_or(Error::NoOtherIdentity(identity))?;
        Ok(self.order[chosen.1] as usize)
    }

    /// Sorted places of the faces of other identities whose lower bound is below `epsilon`.
    fn possible(&self, query: &Landmarks68, identity: u32, epsilon: f32) -> Vec<usize> {
        let code = self.encode(query);
        let reach = epsilon + self.slack(&code);
        let limit = reach * reach;
        let mut places = Vec::new();
        let first = self.codes.partition_point(|b| last_of(b) < code[0] - reach);
        for (number, block) in self.codes.iter().enumerate().skip(first) {
            if block[0][0] > code[0] + reach {
                break;
            }
            let Some(bounds) = lower_bounds(block, &code, limit) else {
                continue;
            };
            let start = number * LANES;
            let near = (0..LANES).filter(|&lane| bounds[lane] < limit);
            places.extend(
                near.map(|lane| start + lane)
                    .filter(|&place| self.identities[place] != identity),
            );
        }
        places
    }

    /// Distance and input place of the nearest face of another identity; the first in the input of
    /// several equally near.
    fn nearest(&self, query: &Landmarks68, identity: u32) -> Option<(f32, usize)> {
        let code = self.encode(query);
        let slack = self.slack(&code);
        let mut best: Option<(f32, usize)> = None;
        // Blocks outwards from the query's own place, until the first component alone is too far.
        let middle = self.codes.partition_point(|b| last_of(b) < code[0]);
        let (mut left, mut right) = (middle, middle);
        loop {
            let gap_left = left
                .checked_sub(1)
                .map_or(f32::INFINITY, |b| code[0] - last_of(&self.codes[b]));
            let gap_right = self
                .codes
                .get(right)
                .map_or(f32::INFINITY, |b| b[0][0] - code[0]);
            let reach = best.map_or(f32::INFINITY, |(d, _)| d + slack);
            if gap_left.min(gap_right) >= reach {
                return best;
            }
            let block = if gap_left < gap_right {
                left -= 1;
                left
            } else {
                right += 1;
                right - 1
            };
            let Some(bounds) = lower_bounds(&self.codes[block], &code, reach * reach) else {
                continue;
            };
            for (lane, bound) in bounds.into_iter().enumerate() {
                let reach = best.map_or(f32::INFINITY, |(d, _)| d + slack);
                let place = block * LANES + lane;
                if bound < reach * reach
                    && self.identities.get(place).is_some_and(|&i| i != identity)
                {
                    let found = (
                        shape_distance(query, &self.shapes[place]),
                        self.order[place] as usize,
                    );
                    best = Some(best.map_or(found, |b| if found < b { found } else { b }));
                }
            }
        }
    }

    /// More than rounding can move a lower bound of this query.
    fn slack(&self, code: &[f32; CODE]) -> f32 {
        1e-4 * (1.0 + code.iter().fold(self.longest, |a, c| a.max(c.abs())))
    }

    /// The components of a shape and the length of the rest.
    fn encode(&self, shape: &Landmarks68) -> [f32; CODE] {
        let mut rest: [f32; DIM] = std::array::from_fn(|i| shape[i / 2][i % 2] - self.mean[i]);
        let mut code = [0.0; CODE];
        for (c, direction) in code.iter_mut().zip(&self.basis) {
            *c = rest.iter().zip(direction).map(|(r, d)| r * d).sum();
            rest.iter_mut()
                .zip(direction)
                .for_each(|(r, d)| *r -= *c * d);
        }
        code[COMPONENTS] = rest.iter().map(|r| r * r).sum::<f32>().sqrt();
        code
    }
}

/// The first number of the last face of a block.
fn last_of(block: &[[f32; LANES]; CODE]) -> f32 {
    let finite = block[0].iter().rev().find(|v| v.is_finite());
    finite.copied().unwrap_or(f32::INFINITY)
}

fn check_finite(shape: &Landmarks68, role: Role) -> Result<(), Error> {
    match shape.iter().position(|p| !all_finite(&[*p])) {
        Some(index) => Err(Error::NonFinite { role, index }),
        None => Ok(()),
    }
}

/// Squared lower bounds of the distances from a block's faces; `None` when the first few numbers
/// already put all of them at `limit` or beyond.
fn lower_bounds(block: &[[f32; LANES]; CODE], code: &[f32; CODE], limit: f32) -> Option<Bounds> {
    let mut sums = [0.0; LANES];
    for (numbers, c) in block[..FIRST].iter().zip(code) {
        accumulate(&mut sums, numbers, *c);
    }
    // Counting keeps the loop free of branches.
    if sums.iter().map(|s| u32::from(*s < limit)).sum::<u32>() == 0 {
        return None;
    }
    for (numbers, c) in block[FIRST..].iter().zip(&code[FIRST..]) {
        accumulate(&mut sums, numbers, *c);
    }
    Some(sums)
}

fn accumulate(sums: &mut Bounds, numbers: &[f32; LANES], c: f32) {
    for (s, v) in sums.iter_mut().zip(numbers) {
        *s += (v - c) * (v - c);
    }
}

/// The mean shape, and the directions of greatest variance about it, the greatest first.
fn principal_components(landmarks: &[Landmarks68]) -> ([f32; DIM], Vec<[f32; DIM]>) {
    let step = landmarks.len().div_ceil(SAMPLE);
    let sample: Vec<&[f32]> = landmarks
        .iter()
        .step_by(step)
        .map(|shape| shape.as_flattened())
        .collect();
    let n = sample.len() as f64;
    let mean: [f64; DIM] =
        std::array::from_fn(|i| sample.iter().map(|s| f64::from(s[i])).sum::<f64>() / n);
    let centred = DMatrix::from_fn(DIM, sample.len(), |i, j| f64::from(sample[j][i]) - mean[i]);
    let eigen = SymmetricEigen::new(&centred * centred.transpose() / n);
    let mut by_variance: Vec<usize> = (0..DIM).collect();
    by_variance.sort_by(|&i, &j| eigen.eigenvalues[j].total_cmp(&eigen.eigenvalues[i]));
    let basis = by_variance
        .into_iter()
        .take(COMPONENTS)
        .map(|k| std::array::from_fn(|i| eigen.eigenvectors[(i, k)] as f32))
        .collect();
    (mean.map(|m| m as f32), basis)
}
