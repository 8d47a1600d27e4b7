//! A film's answer: a time line for each face, and its worst moments.

use std::fmt::Write;

use answers::{Answer, MomentAnswer, TrackAnswer, in_words};

use crate::{
    picture::Pair,
    place::Place,
    score::{Score, class, percent},
};

/// Width and height of a time line's plot; it is stretched to the page.
const WIDTH: f64 = 1000.0;
const HEIGHT: f64 = 100.0;

/// Between frames further apart than this times the usual distance, the face was not seen.
const GAP: f64 = 2.5;

/// A film.
pub(crate) struct Film {
    pub seconds: f64,
    /// What stands below the plots, from left to right.
    pub ticks: Vec<String>,
    pub tracks: Vec<Track>,
    /// An SVG path of a line for each cut.
    pub cuts: String,
    /// The address of the table of all scores.
    pub table: Option<String>,
}

/// A face, followed through it.
pub(crate) struct Track {
    pub number: usize,
    pub words: String,
    pub class: &'static str,
    pub score: Score,
    /// In words, when it is seen, and when it looks most forged.
    pub told: String,
    pub frames: usize,
    /// SVG paths: scores over time, and a dot for each frame below and from the threshold on.
    pub line: String,
    pub below: String,
    pub above: String,
    /// Where the threshold of frames is.
    pub threshold: f64,
    pub threshold_percent: String,
    /// When it is not seen.
    pub unseen: Vec<Span>,
    /// When it looks most forged.
    pub highest: Option<Span>,
    pub worst: Vec<Moment>,
}

/// A part of the plot.
pub(crate) struct Span {
    pub from: f64,
    pub width: f64,
}

/// A frame that looks more forged than the others.
pub(crate) struct Moment {
    pub seconds: f64,
    pub at: String,
    pub pair: Option<Pair>,
}

impl Film {
    pub(crate) fn new(answer: &Answer, place: &Place<'_>) -> Option<Self> {
        let tracks = answer.tracks.as_ref()?;
        let cuts = answer.cuts.iter();
        let moments = tracks.iter().flat_map(|track| &track.moments);
        let last = moments.map(|moment| moment.seconds).fold(0.0, f64::max);
        let seconds = answer.seconds.unwrap_or(0.0).max(last).max(1e-3);
        Some(Self {
            seconds,
            ticks: (0..=4)
                .map(|part| clock(seconds * f64::from(part) / 4.0))
                .collect(),
            cuts: cuts
                .map(|at| format!("M{:.1} 0v{HEIGHT}", WIDTH * (at / seconds).clamp(0.0, 1.0)))
                .collect(),
            tracks: tracks
                .iter()
                .map(|track| Track::new(track, answer, seconds, place))
                .collect(),
            table: place.table(),
        })
    }
}

impl Track {
    fn new(track: &TrackAnswer, answer: &Answer, seconds: f64, place: &Place<'_>) -> Self {
        let threshold = answer.frame_threshold.unwrap_or(answer.threshold);
        let seen: Vec<&MomentAnswer> = track.moments.iter().collect();
        let x = |at: f64| WIDTH * (at / seconds).clamp(0.0, 1.0);
        let y = |score: f64| HEIGHT * (1.0 - score.clamp(0.0, 1.0));
        let usual = usual_distance(&seen);
        let (mut line, mut below, mut above) = (String::new(), String::new(), String::new());
        let mut unseen = Vec::new();
        let mut before = None::<f64>;
        for moment in &seen {
            let (px, py) = (x(moment.seconds), y(moment.frame_score));
            let apart = before.is_none_or(|before| moment.seconds - before > GAP * usual);
            // Half the usual distance around a frame counts as seen.
            let from = before.map_or(0.0, |before| before + usual / 2.0);
            if moment.seconds - from > GAP * usual {
                unseen.push(Span::between(x(from), x(moment.seconds - usual / 2.0)));
            }
            // A String takes all that is written.
            _ = write!(line, "{}{px:.1} {py:.1}", if apart { 'M' } else { 'L' });
            let dots = if moment.frame_score >= threshold {
                &mut above
            } else {
                &mut below
            };
            _ = write!(dots, "M{px:.1} {py:.1}h0");
            before = Some(moment.seconds);
        }
        if let Some(last) = before.filter(|last| seconds - last > GAP * usual) {
            unseen.push(Span::between(x(last + usual / 2.0), WIDTH));
        }
        let highest = track.highest_stretch;
        let mut told = match (seen.first(), seen.last()) {
            (Some(first), Some(last)) => format!(
                "Seen from {} to {}",
                clock(first.seconds),
                clock(last.seconds)
            ),
            _ => "Not seen".into(),
        };
        if let Some(highest) = highest {
            _ = write!(
                told,
                "; over all of it {}, highest from {} to {}: {}",
                percent(track.whole),
                clock(highest.from),
                clock(highest.to),
                percent(highest.score)
            );
        }
        Self {
            number: track.track + 1,
            words: in_words(&track.verdict),
            class: class(&track.verdict),
            score: Score::new(track.score, answer.threshold, answer.uncertain_from),
            told,
            frames: seen.len(),
            line,
            below,
            above,
            threshold: y(threshold),
            threshold_percent: percent(threshold),
            unseen,
            highest: highest.map(|highest| Span::between(x(highest.from), x(highest.to))),
            worst: track
                .worst
                .iter()
                .map(|moment| Moment::new(moment, place))
                .collect(),
        }
    }
}

impl Span {
    fn between(from: f64, to: f64) -> Self {
        Self {
            from,
            width: (to - from).max(0.0),
        }
    }
}

impl Moment {
    fn new(moment: &MomentAnswer, place: &Place<'_>) -> Self {
        let at = clock(moment.seconds);
        let caption = format!("At {at}: {}", percent(moment.frame_score));
        Self {
            seconds: moment.seconds,
            pair: moment
                .overlay
                .as_deref()
                .and_then(|name| Pair::new(name, caption, place)),
            at,
        }
    }
}

/// The usual distance of frames that were looked at, in seconds: the median.
fn usual_distance(seen: &[&MomentAnswer]) -> f64 {
    let mut apart: Vec<f64> = seen
        .windows(2)
        .map(|two| two[1].seconds - two[0].seconds)
        .collect();
    apart.sort_by(f64::total_cmp);
    apart.get(apart.len() / 2).copied().unwrap_or(1.0).max(1e-3)
}

/// A time as a player shows it, with tenths.
fn clock(seconds: f64) -> String {
    let tenths = (seconds.max(0.0) * 10.0).round() as u64;
    let (minutes, rest) = (tenths / 600, tenths % 600);
    format!("{minutes}:{:02}.{}", rest / 10, rest % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_as_a_player_shows_them() {
        assert_eq!(
            [clock(0.0), clock(59.96), clock(61.24)],
            ["0:00.0", "1:00.0", "1:01.2"]
        );
    }
}
