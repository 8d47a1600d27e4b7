//! The numbers of a clip's pictures.

use datasets::frame_numbers;

#[test]
fn names_tell_numbers_where_they_rise() {
    let numbers = |names: &[&str]| {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        frame_numbers(&names)
    };
    assert_eq!(
        numbers(&["a/042.png", "a/066.png", "a/1000.png"]),
        [42, 66, 1000]
    );
    assert_eq!(numbers(&["f_7.jpg", "f_8.jpg"]), [7, 8]);
    // Two faces of a frame are not two frames of that name, and these names tell nothing.
    assert_eq!(numbers(&["7_1.jpg", "7_2.jpg", "8_1.jpg"]), [0, 1, 2]);
    assert_eq!(numbers(&["a.png", "b.png"]), [0, 1]);
}
