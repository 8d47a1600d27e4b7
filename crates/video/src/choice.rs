//! Which of several tracks of pictures is the film.

/// What is known of a track before it is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Candidate {
    /// Enabled, or the default, and not said to be a thumbnail of another.
    pub(crate) preferred: bool,
    /// How long it is; 0 where that is not known.
    pub(crate) seconds: f64,
    /// Pixels of a picture.
    pub(crate) pixels: u64,
}

/// The film among some tracks: of those preferred, or of all where there is none, those at least half
/// as long as the longest; of these the largest picture, and the first of several.
///
/// A thumbnail is smaller than the film, a cover in full size shorter. A choice: the standard leaves it
/// to the player.
pub(crate) fn choose(candidates: &[Candidate]) -> Option<usize> {
    let any = candidates.iter().any(|track| track.preferred);
    let among = || {
        let all = candidates.iter().enumerate();
        all.filter(move |(_, track)| track.preferred || !any)
    };
    let longest = among().map(|(_, track)| track.seconds).fold(0.0, f64::max);
    let long = among().filter(|(_, track)| track.seconds >= longest / 2.0);
    // Of equal ones `max_by_key` would take the last.
    let largest = long.rev().max_by_key(|(_, track)| track.pixels);
    largest.map(|(place, _)| place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_film_is_neither_thumbnail_nor_cover() {
        let track = |preferred, seconds, pixels| Candidate {
            preferred,
            seconds,
            pixels,
        };
        let film = track(true, 10.0, 1920 * 1080);
        let thumbnails = track(true, 10.0, 160 * 90);
        let cover = track(true, 0.04, 4000 * 3000);
        let disabled = track(false, 10.0, 3840 * 2160);
        assert_eq!(choose(&[thumbnails, cover, disabled, film]), Some(3));
        assert_eq!(choose(&[film, film]), Some(0));
        assert_eq!(choose(&[disabled]), Some(0));
        assert_eq!(choose(&[]), None);
    }
}
