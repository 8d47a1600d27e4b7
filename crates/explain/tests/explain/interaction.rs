//! Interactions of functions that are sums of known ones.

use explain::sampled_interaction;
use model_adm::equations::interaction;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

const PLAYERS: usize = 8;

/// A function given by its dividends: who of these players are all there adds so much (Harsanyi).
struct Game(Vec<(Vec<usize>, f64)>);

impl Game {
    fn drawn(seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let terms = (0..30).map(|_| {
            let members = (0..PLAYERS).filter(|_| rng.random_bool(0.35)).collect();
            (members, rng.random_range(-2.0..2.0))
        });
        Self(terms.collect())
    }

    fn score(&self, plays: &[bool]) -> f64 {
        let there = |members: &&(Vec<usize>, f64)| members.0.iter().all(|&player| plays[player]);
        self.0.iter().filter(there).map(|(_, worth)| worth).sum()
    }

    /// `I([S])` from the dividends: a term counts if it needs two of the coalition or more; the
    /// coalition and the `n` others that it needs then share it equally.
    fn interaction(&self, coalition: &[usize]) -> f64 {
        let of_term = |(members, worth): &(Vec<usize>, f64)| {
            let inside = members.iter().filter(|m| coalition.contains(m)).count();
            match inside {
                0 | 1 => 0.0,
                _ => worth / (1 + members.len() - inside) as f64,
            }
        };
        self.0.iter().map(of_term).sum()
    }
}

/// Eq. 1's closed form, one draw and the dividends are one number where everybody is in the
/// coalition.
#[test]
fn of_everybody_all_ways_agree_exactly() {
    for seed in 0..5 {
        let game = Game::drawn(seed);
        let everybody: Vec<usize> = (0..PLAYERS).collect();
        let alone = |player| {
            let mut plays = [false; PLAYERS];
            plays[player] = true;
            game.score(&plays)
        };
        let singles: Vec<f64> = everybody.iter().map(|&player| alone(player)).collect();
        let exact = interaction(
            game.score(&[true; PLAYERS]),
            game.score(&[false; PLAYERS]),
            &singles,
        );
        assert!((exact - game.interaction(&everybody)).abs() < 1e-12);
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let sampled =
            sampled_interaction(|plays| game.score(plays), PLAYERS, &everybody, 3, &mut rng);
        assert!((sampled.value - exact).abs() < 1e-12);
        assert!(sampled.standard_error < 1e-6);
    }
}

#[test]
fn of_some_the_draws_surround_the_truth() {
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    for seed in 0..4 {
        let game = Game::drawn(seed);
        for coalition in [&[0, 1][..], &[2, 5, 6], &[1, 3, 4, 7]] {
            let truth = game.interaction(coalition);
            let sampled = sampled_interaction(
                |plays| game.score(plays),
                PLAYERS,
                coalition,
                20_000,
                &mut rng,
            );
            assert!(sampled.standard_error < 0.05, "{sampled:?}");
            let error = (sampled.value - truth).abs();
            // Twelve estimates: one beyond four standard errors is rarer than one in a thousand.
            assert!(
                error <= 4.0 * sampled.standard_error,
                "{sampled:?}, {truth}"
            );
        }
    }
}

#[test]
fn players_that_only_add_do_not_interact() {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let sum = |plays: &[bool]| {
        plays
            .iter()
            .enumerate()
            .map(|(i, on)| i as f64 * f64::from(*on))
            .sum()
    };
    let sampled = sampled_interaction(sum, 6, &[0, 3, 5], 50, &mut rng);
    assert!(sampled.value.abs() < 1e-12);
}
