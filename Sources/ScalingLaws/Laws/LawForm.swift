import Foundation

/// A law that can be fitted to runs.
public enum LawForm: String, CaseIterable, Sendable {
    /// E + A/N^α + B/D^β (Hoffmann et al. 2022, eq. 2).
    case chinchilla
    /// [(N_c/N)^(α_N/α_D) + D_c/D]^α_D (Kaplan et al. 2020, eq. 1.5).
    case kaplan
    /// The same, plus E.
    case kaplanIrreducible = "kaplan+E"
    /// a C^−b + c over the points given, which are those of a frontier (OpenAI 2023, §3).
    case compute
    /// Chinchilla's form in effective N and D, which repeats of the data and parameters beyond them add to ever less
    /// (Muennighoff et al. 2023, eq. 5 and 6).
    case dataConstrained = "data-constrained"
    /// E + A/N^α.
    case parametersOnly = "L(N)"
    /// E + A/D^α.
    case tokensOnly = "L(D)"

    /// The names of the law's parameters, in the order of every vector of them.
    public var parameterNames: [String] {
        switch self {
        case .chinchilla: ["E", "A", "B", "alpha", "beta"]
        case .kaplan: ["alpha_N", "alpha_D", "N_c", "D_c"]
        case .kaplanIrreducible: ["alpha_N", "alpha_D", "N_c", "D_c", "E"]
        case .compute: ["a", "b", "c"]
        case .dataConstrained: ["E", "A", "B", "alpha", "beta", "R_D", "R_N"]
        case .parametersOnly, .tokensOnly: ["E", "A", "alpha"]
        }
    }

    /// The formula, in the names of `parameterNames`.
    public var formula: String {
        switch self {
        case .chinchilla: "L(N, D) = E + A/N^alpha + B/D^beta"
        case .kaplan: "L(N, D) = [(N_c/N)^(alpha_N/alpha_D) + D_c/D]^alpha_D"
        case .kaplanIrreducible: "L(N, D) = [(N_c/N)^(alpha_N/alpha_D) + D_c/D]^alpha_D + E"
        case .compute: "L(C) = a C^-b + c"
        case .dataConstrained:
            "L(N, D, U) = E + A/N'^alpha + B/D'^beta, D' = U (1 + R_D (1 - exp(-(D/U - 1)/R_D))), N' likewise"
        case .parametersOnly: "L(N) = E + A/N^alpha"
        case .tokensOnly: "L(D) = E + A/D^alpha"
        }
    }

    /// The loss of `point`'s N, D, C and unique tokens by the law with these parameters, nats per token.
    func loss(_ values: [Double], of point: FitPoint) -> Double {
        switch self {
        case .chinchilla: Self.chinchilla(values).loss(n: point.n, d: point.d)
        case .kaplan: Self.kaplan(values, n: point.n, d: point.d)
        case .kaplanIrreducible: Self.kaplan(values, n: point.n, d: point.d) + values[4]
        case .compute: values[2] + exp(log(values[0]) - values[1] * log(point.compute))
        case .dataConstrained:
            DataConstrainedLaw(base: Self.chinchilla(values), repetition: values[5], excess: values[6])
                .loss(n: point.n, d: point.d, uniqueTokens: point.uniqueTokens ?? point.d)
        case .parametersOnly: values[0] + exp(log(values[1]) - values[2] * log(point.n))
        case .tokensOnly: values[0] + exp(log(values[1]) - values[2] * log(point.d))
        }
    }

    /// The first five of `values` as a law.
    static func chinchilla(_ values: [Double]) -> ChinchillaLaw {
        ChinchillaLaw(
            irreducible: values[0], capacity: values[1], data: values[2], alpha: values[3], beta: values[4])
    }

    private static func kaplan(_ values: [Double], n: Double, d: Double) -> Double {
        JointKaplanLaw(alphaN: values[0], alphaD: values[1], scaleN: values[2], scaleD: values[3]).loss(n: n, d: d)
    }
}

extension LawForm {
    /// The value of a named parameter in a vector of them, or of what follows from them: for Chinchilla's form the
    /// exponents and factor a, b and G of the compute optimum. nil for a name that the form does not have.
    public func value(_ name: String, of values: [Double]) -> Double? {
        if let place = parameterNames.firstIndex(of: name) { return values[place] }
        guard self == .chinchilla || self == .dataConstrained else { return nil }
        let best = Self.chinchilla(values).optimum
        switch name {
        case "a": return best.a
        case "b": return best.b
        case "G": return best.g
        default: return nil
        }
    }
}

extension LawForm {
    /// The exponents among the parameters, and what each is one of.
    var exponents: [(name: String, axis: String)] {
        switch self {
        case .chinchilla, .dataConstrained: [("alpha", "N"), ("beta", "D")]
        case .kaplan, .kaplanIrreducible: [("alpha_N", "N"), ("alpha_D", "D")]
        case .compute: [("b", "C")]
        case .parametersOnly: [("alpha", "N")]
        case .tokensOnly: [("alpha", "D")]
        }
    }

    /// The irreducible loss among the parameters.
    var floorName: String? {
        switch self {
        case .kaplan: nil
        case .compute: "c"
        case .chinchilla, .kaplanIrreducible, .dataConstrained, .parametersOnly, .tokensOnly: "E"
        }
    }
}
