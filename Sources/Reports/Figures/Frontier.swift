/// The lowest loss that any run had reached by each amount of compute: the lower envelope of all curves.
struct Frontier {
    let points: [Plot.Point]

    /// Walks all places of all curves by rising compute and keeps those below everything before.
    init(_ curves: [[Plot.Point]]) {
        var points: [Plot.Point] = []
        for place in curves.joined().sorted(by: { ($0.x, $0.y) < ($1.x, $1.y) }) {
            guard let last = points.last else {
                points.append(place)
                continue
            }
            if place.y < last.y { points.append(place) }
        }
        self.points = points
    }
}
