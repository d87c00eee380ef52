use presend_core::*;
use presend_hashsets::*;
use std::time::{Instant, SystemTime};
#[test]
fn perf() {
    let mut x = 88172645463325252u64;
    let mut rnd = || {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        x
    };
    let mut text = String::new();
    for i in 0..1_000_000 {
        let h: Vec<u64> = (0..4).map(|_| rnd()).collect();
        text += &format!("pdq {:016x}{:016x}{:016x}{:016x} label{i}\n", h[0], h[1], h[2], h[3]);
    }
    let t = Instant::now();
    let a: import::Import<Pdq> = import::read(text.as_bytes(), None, SystemTime::now()).unwrap();
    eprintln!("read {:?}", t.elapsed());
    let t = Instant::now();
    let c = ops::merge(vec![("A".parse().unwrap(), a.clone()), ("B".parse().unwrap(), a)]);
    eprintln!("merge 2x1M {:?}", t.elapsed());
    for r in [0, 4, 8, 15, 16, 20, 24, 31] {
        let t = Instant::now();
        let k = ops::clusters(&c, Threshold::new(r));
        eprintln!("r={r} {} {:?}", k.count(), t.elapsed());
    }
    let mut j = String::from("{\"hashRecords\":[");
    for (i, e) in c.entries().iter().enumerate() {
        if i > 0 {
            j.push(',');
        }
        j += &format!(
            "{{\"lastModtimestamp\":1735689600,\"signalType\":\"ImagePDQ\",\"hashValue\":\"{}\",\"hashStatus\":\"Active\",\"caseNumbers\":{{\"x\":\"Active\"}},\"CSPFeedbacks\":[]}}",
            e.hash
        );
    }
    j += "]}";
    let t = Instant::now();
    let b: import::Import<Pdq> = import::read(j.as_bytes(), None, SystemTime::now()).unwrap();
    eprintln!("json {} MB {} {:?}", j.len() >> 20, b.entries.len(), t.elapsed());
    let mut j = String::from("<queryResult><images>");
    for (i, e) in c.entries().iter().enumerate() {
        j += &format!(
            "<image><member id=\"42\">Example</member><timestamp>2024-10-24T15:00:00Z</timestamp><id>image{i}</id><classification>A1</classification><fingerprints><md5>00112233445566778899aabbccddeeff</md5><pdq>{}</pdq></fingerprints><feedback/></image>",
            e.hash
        );
    }
    j += "</images></queryResult>";
    let t = Instant::now();
    let b: import::Import<Pdq> = import::read(j.as_bytes(), None, SystemTime::now()).unwrap();
    eprintln!("xml {} MB {} {:?}", j.len() >> 20, b.entries.len(), t.elapsed());
    let mut o = Vec::new();
    let t = Instant::now();
    ops::write_csv(&c, &mut o).unwrap();
    eprintln!("csv {:?}", t.elapsed());
}
