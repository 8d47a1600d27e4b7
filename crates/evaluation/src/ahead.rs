//! Pictures made ahead of the network that judges them.

use std::ops::ControlFlow;

use runtime::in_order;

/// Makes a batch for each number below `batches`, has it judged, and hands over what comes of it, in
/// order, until it is told to stop. Several `at_once` are made and judged side by side, as a CPU can
/// ([`runtime::cores::batches_at_once`]); while a GPU judges one, the CPU makes the next ones.
pub(crate) fn ahead<M: Send, J: Send>(
    batches: usize,
    at_once: usize,
    make: impl Fn(usize) -> M + Sync,
    judge: impl Fn(M) -> J + Sync,
    mut take: impl FnMut(usize, J) -> ControlFlow<()>,
) {
    match at_once {
        1 => in_order(0..batches, 1, 2, make, |made| {
            for (batch, made) in made {
                if take(batch, judge(made)).is_break() {
                    return;
                }
            }
        }),
        _ => {
            let judged = |batch: usize| judge(make(batch));
            in_order(0..batches, at_once, 2 * at_once, judged, |judged| {
                for (batch, judged) in judged {
                    if take(batch, judged).is_break() {
                        return;
                    }
                }
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_come_in_order_until_no_more_are_wanted() {
        for at_once in [1, 2] {
            let mut taken = Vec::new();
            let take = |batch, judged| {
                taken.push((batch, judged));
                match batch {
                    6 => ControlFlow::Break(()),
                    _ => ControlFlow::Continue(()),
                }
            };
            ahead(100, at_once, |batch| batch, |made| 2 * made, take);
            let expected: Vec<_> = (0..7).map(|batch| (batch, 2 * batch)).collect();
            assert_eq!(taken, expected);
        }
    }
}
