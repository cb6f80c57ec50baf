import Foundation

/// An axis with its range: maps values to [0, 1] and knows its ticks.
struct ScaledAxis {
    let axis: Axis
    let low: Double
    let high: Double

    /// Takes in all `values` (for a logarithmic axis those above 0), with a margin of `padding` of the range; or the
    /// axis's own range as it is.
    init(_ axis: Axis, over values: [Double], padding: Double) {
        self.axis = axis
        if let range = axis.range, range.upperBound > range.lowerBound {
            (low, high) = (range.lowerBound, range.upperBound)
            return
        }
        let usable = values.filter { $0.isFinite && (axis.scale == .linear || $0 > 0) }
        let forward: (Double) -> Double = axis.scale == .linear ? { $0 } : { log($0) }
        let back: (Double) -> Double = axis.scale == .linear ? { $0 } : { exp($0) }
        var first = forward(usable.min() ?? 1)
        var last = forward(usable.max() ?? 2)
        // A single value gets a range of its own, so that it can be drawn in the middle.
        if last - first < 1e-9 * max(abs(last), 1) {
            let reach = axis.scale == .linear ? max(abs(first) * 0.1, 1e-6) : log(1.5)
            (first, last) = (first - reach, last + reach)
        }
        let margin = padding * (last - first)
        low = back(first - margin)
        high = back(last + margin)
    }

    /// Whether a value has a place on this axis at all: a number, and inside a range that was asked for.
    func holds(_ value: Double) -> Bool {
        guard value.isFinite, axis.scale == .linear || value > 0 else { return false }
        return axis.range.map { $0.contains(value) } ?? true
    }

    /// 0 at the low end, 1 at the high one.
    func place(_ value: Double) -> Double {
        switch axis.scale {
        case .linear: (value - low) / (high - low)
        case .logarithmic: log(value / low) / log(high / low)
        }
    }

    /// Tick values inside the range, in rising order; about `wanted` of them.
    func ticks(_ wanted: Int) -> [Double] {
        axis.scale == .linear ? Self.linearTicks(low, high, wanted) : Self.logarithmicTicks(low, high, wanted)
    }

    /// Steps of 1, 2 or 5 times a power of ten.
    static func linearTicks(_ low: Double, _ high: Double, _ wanted: Int) -> [Double] {
        let rough = (high - low) / Double(max(wanted, 1))
        let power = pow(10, floor(log10(rough)))
        let step = [1.0, 2, 5, 10].map { $0 * power }.first { $0 >= rough * 0.7 } ?? 10 * power
        let first = Int((low / step).rounded(.up))
        let last = Int((high / step).rounded(.down))
        guard first <= last else { return [] }
        // Multiples, not sums: 0.3 must not become 0.30000000000000004.
        return (first...last).map { step < 1 ? Double($0) / (1 / step).rounded() : Double($0) * step }
    }

    /// The coarsest of decades, 1-3, 1-2-5 and every digit that gives enough ticks; every k-th decade when there are many.
    static func logarithmicTicks(_ low: Double, _ high: Double, _ wanted: Int) -> [Double] {
        let decades = Int(floor(log10(low)))...Int(ceil(log10(high)))
        let enough = max(3, wanted / 2)
        let choices: [[Double]] = [[1], [1, 3], [1, 2, 5], [1, 1.5, 2, 3, 4, 5, 6, 8]]
        for mantissas in choices {
            var ticks: [Double] = []
            for decade in decades { ticks += mantissas.map { $0 * pow(10, Double(decade)) } }
            ticks.removeAll { $0 < low * (1 - 1e-9) || $0 > high * (1 + 1e-9) }
            if ticks.count >= enough {
                let stride = (ticks.count + 2 * wanted - 1) / (2 * wanted)
                return ticks.indices.filter { $0 % stride == 0 }.map { ticks[$0] }
            }
        }
        return linearTicks(low, high, wanted)
    }

    func label(_ tick: Double) -> String {
        switch axis.labels {
        case .counts: return Self.trimmed(Humanly.count(tick))
        case .powers:
            let exponent = Int(floor(log10(tick) + 1e-9))
            let mantissa = tick / pow(10, Double(exponent))
            let power = "10" + Humanly.superscript(exponent)
            return abs(mantissa - 1) < 1e-6 ? power : Self.trimmed(Humanly.significant(mantissa, 2)) + "·" + power
        case .plain: return tick == 0 ? "0" : Self.trimmed(Humanly.significant(tick, 6))
        }
    }

    /// "10.0 M" as "10 M", "0.500000" as "0.5", "8.50·10⁻⁵" as "8.5·10⁻⁵".
    private static func trimmed(_ text: String) -> String {
        let end = text.firstIndex { !($0.isNumber || $0 == "." || $0 == "-") } ?? text.endIndex
        var number = String(text[..<end])
        if number.contains(".") {
            while number.last == "0" { number.removeLast() }
            if number.last == "." { number.removeLast() }
        }
        return number + text[end...]
    }
}
