//! `I([N])` of functions that are sums of known ones.

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

    /// `I([N])` from the dividends: a term counts in whole if it needs two players or more.
    fn interaction(&self) -> f64 {
        let counts = |(members, _): &&(Vec<usize>, f64)| members.len() > 1;
        self.0.iter().filter(counts).map(|(_, worth)| worth).sum()
    }
}

#[test]
fn the_closed_form_is_the_sum_of_what_needs_two_or_more() {
    for seed in 0..5 {
        let game = Game::drawn(seed);
        let alone = |player| {
            let mut plays = [false; PLAYERS];
            plays[player] = true;
            game.score(&plays)
        };
        let singles: Vec<f64> = (0..PLAYERS).map(alone).collect();
        let [all, none] = [true, false].map(|plays| game.score(&[plays; PLAYERS]));
        assert!((interaction(all, none, &singles) - game.interaction()).abs() < 1e-12);
    }
}
