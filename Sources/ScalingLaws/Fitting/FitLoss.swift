import Foundation

/// What a fit minimises: a weighted sum over the points, never a mean (an average is so small that optimisers stop
/// early: Besiroglu et al. 2024).
///
/// The residual is ln L̂ − ln L for the first three and L̂ − L for the last two.
public enum FitLoss: Sendable, Equatable {
    /// r²/2 up to δ and δ(|r| − δ/2) beyond (Hoffmann et al. 2022, eq. 3: δ = 1e-3).
    case huber(delta: Double)
    /// |r|: least absolute deviations.
    case lad
    /// r² of logarithms.
    case logMSE
    /// r² in nats.
    case mse
    /// |r|, times `ratio` where the law is above the loss: a lower envelope.
    case asymmetricMAE(ratio: Double)

    /// Whether the sum has kinks, at which a minimum may sit.
    var isKinked: Bool {
        switch self {
        case .lad, .asymmetricMAE: true
        case .huber, .logMSE, .mse: false
        }
    }

    /// The penalty of one residual; `smoothing` is the half-width over which a kink is rounded off.
    func penalty(smoothing: Double = 0) -> Penalty {
        switch self {
        case .huber(let delta): Penalty(stiffness: 1, below: delta, above: delta, isLogarithmic: true)
        case .lad: Penalty(stiffness: 1 / smoothing, below: 1, above: 1, isLogarithmic: true)
        case .logMSE: Penalty(stiffness: 2, below: .infinity, above: .infinity, isLogarithmic: true)
        case .mse: Penalty(stiffness: 2, below: .infinity, above: .infinity, isLogarithmic: false)
        case .asymmetricMAE(let ratio):
            Penalty(stiffness: 1 / smoothing, below: 1, above: ratio, isLogarithmic: false)
        }
    }

    /// In words, as a report says it.
    public var description: String {
        switch self {
        case .huber(let delta): "sum of Huber, delta \(Number.exact(delta)), of ln L"
        case .lad: "sum of absolute deviations of ln L"
        case .logMSE: "sum of squares of ln L"
        case .mse: "sum of squares of L"
        case .asymmetricMAE(let ratio): "sum of absolute deviations of L, \(Number.exact(ratio)) times above it"
        }
    }

    /// - Throws: `TableError` for a δ or ratio that is not above 0.
    func requireUsable() throws {
        let (name, value) =
            switch self {
            case .huber(let delta): ("Huber's delta", delta)
            case .asymmetricMAE(let ratio): ("the ratio of the asymmetric loss", ratio)
            case .lad, .logMSE, .mse: ("", 1.0)
            }
        guard value > 0, value.isFinite else {
            throw TableError("\(name) is \(value), and a loss needs a finite number above 0: give 1e-3 or the like")
        }
    }
}

/// ρ with ρ′(r) = clamp(stiffness · r, −below, above): squares around zero, lines beyond. A stiffness of infinity makes a
/// kink.
struct Penalty: Sendable {
    var stiffness: Double
    var below: Double
    var above: Double
    /// Whether r = ln L̂ − ln L, else L̂ − L.
    var isLogarithmic: Bool

    /// ρ and its derivatives by f = ln L̂.
    struct Response {
        var value: Double
        /// dρ/df.
        var slope: Double
        /// d²ρ/df².
        var bend: Double
        /// The curvature of a parabola in f that lies above ρ and touches it here (near enough: IRLS).
        var majorant: Double
    }

    func value(_ f: Double, logLoss: Double, loss: Double) -> Double {
        penalty(of: isLogarithmic ? f - logLoss : exp(f) - loss)
    }

    /// ρ(r).
    private func penalty(of r: Double) -> Double {
        let (size, bound) = (abs(r), r > 0 ? above : below)
        return stiffness * size <= bound ? 0.5 * stiffness * r * r : bound * (size - 0.5 * bound / stiffness)
    }

    func response(_ f: Double, logLoss: Double, loss: Double) -> Response {
        // L̂ = e^f, so d/df = L̂ d/dL̂.
        let scale = isLogarithmic ? 1 : exp(f)
        let r = isLogarithmic ? f - logLoss : scale - loss
        let (size, bound) = (abs(r), r > 0 ? above : below)
        let isInside = stiffness * size <= bound
        let slope = isInside ? stiffness * r : (r > 0 ? above : -below)
        let value = isInside ? 0.5 * stiffness * r * r : bound * (size - 0.5 * bound / stiffness)
        return Response(
            value: value, slope: slope * scale,
            bend: (isInside ? stiffness * scale * scale : 0) + (isLogarithmic ? 0 : slope * scale),
            majorant: (isInside ? stiffness : bound / size) * scale * scale)
    }
}
