//! Landmarks in NumPy's format.

use datasets::parse_npy;

/// A file as NumPy writes it.
fn npy(dtype: &str, order: bool, shape: &str, numbers: &[u8]) -> Vec<u8> {
    let order = if order { "True" } else { "False" };
    let mut header =
        format!("{{'descr': '{dtype}', 'fortran_order': {order}, 'shape': {shape}, }}");
    header = format!("{header:<117}\n");
    [
        b"\x93NUMPY\x01\0",
        &(header.len() as u16).to_le_bytes()[..],
        header.as_bytes(),
        numbers,
    ]
    .concat()
}

#[test]
fn landmarks_are_read_in_the_types_in_use() {
    let pairs: Vec<[i32; 2]> = (0..81).map(|i| [i, 1000 - i]).collect();
    let flat: Vec<i32> = pairs.concat();
    let columns: Vec<i32> = pairs
        .iter()
        .map(|p| p[0])
        .chain(pairs.iter().map(|p| p[1]))
        .collect();
    let f4 = flat
        .iter()
        .flat_map(|&n| (n as f32).to_le_bytes())
        .collect::<Vec<_>>();
    let f8 = columns
        .iter()
        .flat_map(|&n| f64::from(n).to_le_bytes())
        .collect::<Vec<_>>();
    let i8 = flat
        .iter()
        .flat_map(|&n| i64::from(n).to_le_bytes())
        .collect::<Vec<_>>();
    let i4 = flat
        .iter()
        .flat_map(|&n| n.to_le_bytes())
        .collect::<Vec<_>>();
    for file in [
        npy("<f4", false, "(81, 2)", &f4),
        npy("<f8", true, "(81, 2)", &f8),
        npy("<i8", false, "(81, 2)", &i8),
        npy("<i4", false, "(81, 2)", &i4),
    ] {
        let landmarks = parse_npy(&file).unwrap();
        assert_eq!(
            (landmarks[0], landmarks[67]),
            ([0.0, 1000.0], [67.0, 933.0])
        );
    }
    let nan = f32::NAN.to_le_bytes().repeat(162);
    for file in [
        npy("<f4", false, "(81, 2)", &nan),
        npy("<f4", false, "(81, 2)", &f4[..500]),
        npy("<f4", false, "(67, 2)", &f4),
        npy("<f4", false, "(2, 81)", &f4),
        npy("<f4", false, "(18446744073709551615, 2)", &f4),
        npy("|O", false, "(81, 2)", &f4),
        npy("<f4", false, &"(".repeat(60_000), &f4),
        b"\x93NUMPY\x02\0\xff\xff\xff\xff".to_vec(),
        Vec::new(),
    ] {
        assert!(parse_npy(&file).is_err());
    }
}
