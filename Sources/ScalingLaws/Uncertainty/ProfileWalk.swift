import Foundation

/// The way along one parameter away from an optimum, everything else minimised from where the last step ended.
struct ProfileWalk {
    let objective: ChinchillaObjective
    let parameter: ProfileLikelihood.Parameter
    let optimum: ParameterVector
    /// The objective at the optimum, or lower if the way finds a lower one.
    private(set) var lowest: Double

    init(objective: ChinchillaObjective, parameter: ProfileLikelihood.Parameter, optimum: ParameterVector) {
        self.objective = objective
        self.parameter = parameter
        self.optimum = optimum
        lowest = objective.value(at: optimum)
    }

    /// Doubles the step until the objective has risen by `rise`, finds that place by regula falsi on the root of the
    /// rise, which is nearly a line, and looks at `resolution` values up to 1.5 times as far.
    mutating func side(_ direction: Double, rise: Double, resolution: Int)
        -> (end: Double?, points: [(value: Double, objective: Double)])
    {
        let start = parameter.coordinate(optimum)
        let limits = parameter.limits(about: start)
        let room = direction > 0 ? limits.upperBound - start : start - limits.lowerBound
        guard room > 0 else { return (nil, []) }
        var reach = (low: 0.0, high: min(0.01 * max(abs(start), 0.1), room))
        var place = optimum
        var height = excess(at: start + direction * reach.high, from: &place)
        while height < rise, reach.high < room {
            reach = (reach.high, min(2 * reach.high, room))
            height = excess(at: start + direction * reach.high, from: &place)
        }
        let crosses = height >= rise
        if crosses { reach = bracketed(reach, rise: rise, direction: direction, start: start) }
        let width = crosses ? min(1.5 * reach.high, room) : room
        var points: [(value: Double, objective: Double)] = []
        place = optimum
        for k in 1...max(resolution, 1) {
            let value = start + direction * width * Double(k) / Double(max(resolution, 1))
            points.append((value, lowest + excess(at: value, from: &place)))
        }
        return (crosses ? start + direction * reach.high : nil, points)
    }

    private mutating func bracketed(
        _ reach: (low: Double, high: Double), rise: Double, direction: Double, start: Double
    ) -> (low: Double, high: Double) {
        var (low, high) = reach
        for _ in 0..<40 where high - low > 1e-7 * high {
            var place = optimum
            let middle = (low + high) / 2
            if excess(at: start + direction * middle, from: &place) < rise { low = middle } else { high = middle }
        }
        return (low, high)
    }

    /// How much the objective rises when the parameter is held at `coordinate`; `place` moves to that minimum.
    private mutating func excess(at coordinate: Double, from place: inout ParameterVector) -> Double {
        let held = HeldParameter(objective: objective, parameter: parameter, coordinate: coordinate, near: place)
        let end = Minimizer(majorizingSteps: 60, exactSteps: 60, tolerance: 1e-9).minimize(held, from: held.start)
        place = held.full(end.parameters)
        lowest = min(lowest, end.value)
        return end.value - lowest
    }
}

/// The parametric objective on the plane p = p₀ + T q where one parameter has a given value. Every such plane is flat:
/// for a, α = (1 − a) s and β = a s, with s = α + β free.
struct HeldParameter: Objective {
    private static let free = 4
    private let objective: ChinchillaObjective
    private let offset: ParameterVector
    private let directions: [ParameterVector]  // [free]: the columns of T
    /// q of the point of the plane that is nearest in the free parameters.
    let start: ParameterVector

    init(
        objective: ChinchillaObjective, parameter: ProfileLikelihood.Parameter, coordinate: Double,
        near place: ParameterVector
    ) {
        self.objective = objective
        func unit(_ j: Int) -> ParameterVector {
            var result = ParameterVector.zero
            result[j] = 1
            return result
        }
        switch parameter {
        case .irreducible:
            (offset, directions) = (coordinate * unit(2), [0, 1, 3, 4].map(unit))
            start = ParameterVector(place[0], place[1], place[3], place[4], 0, 0, 0, 0)
        case .alpha:
            (offset, directions) = (coordinate * unit(3), [0, 1, 2, 4].map(unit))
            start = ParameterVector(place[0], place[1], place[2], place[4], 0, 0, 0, 0)
        case .beta:
            (offset, directions) = (coordinate * unit(4), [0, 1, 2, 3].map(unit))
            start = ParameterVector(place[0], place[1], place[2], place[3], 0, 0, 0, 0)
        case .a:
            let mixed = (1 - coordinate) * unit(3) + coordinate * unit(4)
            (offset, directions) = (.zero, [0, 1, 2].map(unit) + [mixed])
            start = ParameterVector(place[0], place[1], place[2], place[3] + place[4], 0, 0, 0, 0)
        }
    }

    /// The law's own parameters at q.
    func full(_ q: ParameterVector) -> ParameterVector {
        directions.indices.reduce(offset) { $0 + q[$1] * directions[$1] }
    }

    func value(at q: ParameterVector) -> Double { objective.value(at: full(q)) }

    func derivatives(at q: ParameterVector, _ curvature: Curvature) -> Derivatives {
        let whole = objective.derivatives(at: full(q), curvature)
        var result = Derivatives(parameters: Self.free)
        result.value = whole.value
        for (j, direction) in directions.enumerated() {
            result.gradient[j] = (whole.gradient * direction).sum()
            result.gradientScale[j] = (whole.gradientScale * direction).sum()
            let image = whole.curvature.rows.indices.reduce(ParameterVector.zero) {
                $0 + direction[$1] * whole.curvature.rows[$1]
            }
            for (k, other) in directions.enumerated() { result.curvature.rows[j][k] = (image * other).sum() }
        }
        return result
    }
}
