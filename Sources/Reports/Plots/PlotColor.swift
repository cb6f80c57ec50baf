import Foundation

/// A colour by what it means; its value depends on the page's light or dark scheme.
public enum PlotColor: Sendable, Equatable {
    /// One of a few unordered things (Okabe and Ito's colour-blind-safe set), from 0.
    case category(Int)
    /// A share from 0 to 1 along a ramp of rising lightness, for ordered things such as model sizes.
    case ramp(Double)
    /// The colour of the text.
    case ink
    /// Of what stands back.
    case muted

    /// The CSS variable that holds it.
    var css: String {
        switch self {
        case .category(let index): "var(--category-\(abs(index) % Palette.categories))"
        case .ramp(let share):
            "var(--ramp-\(Int((min(max(share, 0), 1) * Double(Palette.rampSteps - 1)).rounded())))"
        case .ink: "var(--ink)"
        case .muted: "var(--muted)"
        }
    }

    /// The place of `value` between the ends of `range` on a logarithmic scale, along the ramp.
    static func ramp(_ value: Double, in range: ClosedRange<Double>) -> PlotColor {
        .ramp(logarithmicShare(value, range.lowerBound, range.upperBound))
    }
}

/// Where a value lies between two others on a logarithmic scale, 0 to 1.
func logarithmicShare(_ value: Double, _ low: Double, _ high: Double) -> Double {
    guard high > low, low > 0 else { return 0 }
    return min(max(log(value / low) / log(high / low), 0), 1)
}

/// `count` + 1 values from `low` to `high` in equal ratios.
func logarithmicGrid(_ low: Double, _ high: Double, _ count: Int = 60) -> [Double] {
    (0...count).map { low * pow(high / low, Double($0) / Double(count)) }
}
