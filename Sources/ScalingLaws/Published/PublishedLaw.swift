import Foundation

/// A law as it was published, to set beside one's own.
public struct PublishedLaw: Sendable, Equatable {
    /// As a plot labels it.
    public let name: String
    /// Authors, year, arXiv number and where in the paper.
    public let source: String
    /// N_opt ∝ C^a.
    public let exponent: Double
    /// The interval that the paper prints for a, if any.
    public let interval: ClosedRange<Double>?
    /// What that interval is: its level.
    public let intervalLevel: String?
    /// The parametric form, where there is one.
    public let law: ChinchillaLaw?
    /// A budget in FLOPs and the N that the paper prints for it: where the power law N = k C^a goes through. nil where
    /// the parametric form says more.
    let anchor: Anchor?
    /// Whether N and C leave the embeddings out.
    public let isNonEmbedding: Bool

    struct Anchor: Sendable, Equatable {
        var compute: Double
        var parameters: Double
    }

    /// N, D and, where the paper gives it, the loss that are best for a budget.
    public struct Optimum: Sendable, Equatable {
        /// Parameters, without embeddings where the law leaves them out.
        public let n: Double
        /// Tokens, so that 6 N D is the budget.
        public let d: Double
        /// Nats per token on the paper's own text and tokenizer; nil where the paper gives none.
        public let loss: Double?
    }

    init(
        name: String, source: String, exponent: Double, interval: ClosedRange<Double>?, intervalLevel: String?,
        law: ChinchillaLaw?, anchor: Anchor? = nil, isNonEmbedding: Bool = false
    ) {
        self.name = name
        self.source = source
        self.exponent = exponent
        self.interval = interval
        self.intervalLevel = intervalLevel
        self.law = law
        self.anchor = anchor
        self.isNonEmbedding = isNonEmbedding
    }

    /// The best N and D for `budget` FLOPs. Kaplan et al. mean the compute C_min of a small batch by their C.
    public func optimum(budget: Double) -> Optimum {
        let n: Double
        if let law {
            n = law.optimum.parameters(compute: budget)
        } else if let anchor {
            n = anchor.parameters * pow(budget / anchor.compute, exponent)
        } else {
            preconditionFailure("the published law \(name) has neither a form nor a point")
        }
        let loss = self == .kaplan ? KaplanAllocation.loss(compute: budget) : law?.optimalLoss(compute: budget)
        return Optimum(n: n, d: budget / (6 * n), loss: loss)
    }

    /// The laws that a command line can name: `hoffmann` is the parametric one.
    public static let named: [(name: String, law: PublishedLaw)] = [
        ("kaplan", kaplan), ("hoffmann", hoffmannParametric), ("hoffmann-envelope", hoffmannEnvelope),
        ("hoffmann-isoflop", hoffmannIsoFLOP), ("epoch", epoch),
    ]

    /// D_opt ∝ C^b, b = 1 − a.
    public var tokensExponent: Double { 1 - exponent }

    /// Kaplan et al.: N_opt = 1.3e9 C^0.73 with C in PF-days, N without embeddings.
    public static let kaplan = PublishedLaw(
        name: "Kaplan 2020", source: "Kaplan et al. 2020, arXiv 2001.08361, §6.1", exponent: 0.73, interval: nil,
        intervalLevel: nil, law: nil,
        anchor: Anchor(compute: KaplanConstants.petaflopDay, parameters: 1.3e9), isNonEmbedding: true)

    /// Hoffmann et al., approach 1: the minimum over training curves; table 3 gives 67 billion for Gopher's budget.
    public static let hoffmannEnvelope = PublishedLaw(
        name: "Chinchilla 1, envelope", source: "Hoffmann et al. 2022, arXiv 2203.15556, table 2", exponent: 0.50,
        interval: 0.488...0.502, intervalLevel: "10–90 %", law: nil, anchor: Anchor(compute: 5.76e23, parameters: 67e9))

    /// Hoffmann et al., approach 2: IsoFLOP profiles; table A3 gives 10 billion for 1.32e22 FLOPs.
    public static let hoffmannIsoFLOP = PublishedLaw(
        name: "Chinchilla 2, IsoFLOP", source: "Hoffmann et al. 2022, arXiv 2203.15556, table 2", exponent: 0.49,
        interval: 0.462...0.534, intervalLevel: "10–90 %", law: nil, anchor: Anchor(compute: 1.32e22, parameters: 10e9))

    /// Hoffmann et al., approach 3: the parametric fit, with the unrounded parameters that Besiroglu et al. found in the
    /// paper's source. The printed interval is too narrow by about a factor of 50 (Besiroglu et al., §4).
    public static let hoffmannParametric = PublishedLaw(
        name: "Chinchilla 3, parametric", source: "Hoffmann et al. 2022, arXiv 2203.15556, table 2 and eq. 10",
        exponent: 0.46, interval: 0.454...0.455, intervalLevel: "10–90 %",
        law: ChinchillaLaw(
            irreducible: exp(0.5267228), capacity: exp(6.0073404), data: exp(6.0179186), alpha: 0.33917084,
            beta: 0.2849083))

    /// Besiroglu et al.: approach 3 again, on data read off the paper's figure; standard error .020.
    public static let epoch = PublishedLaw(
        name: "Epoch 2024, refit of 3", source: "Besiroglu et al. 2024, arXiv 2404.10102, table 1", exponent: 0.513,
        interval: (0.513 - 1.96 * 0.020)...(0.513 + 1.96 * 0.020), intervalLevel: "95 %",
        law: ChinchillaLaw(irreducible: 1.8172, capacity: 482.01, data: 2085.43, alpha: 0.3478, beta: 0.3658))

    /// All that the report sets beside a fit, oldest first.
    public static let all = [kaplan, hoffmannEnvelope, hoffmannIsoFLOP, hoffmannParametric, epoch]
}

/// The constants of Kaplan et al. 2020 that are no exponent of N_opt.
public enum KaplanConstants {
    /// Eq. 1.1.
    public static let alphaN = 0.076
    /// Eq. 1.1, non-embedding parameters.
    public static let scaleN = 8.8e13
    /// Eq. 1.2.
    public static let alphaD = 0.095
    /// Eq. 1.2, tokens.
    public static let scaleD = 5.4e13
    /// Eq. 1.5 with table 2.
    public static let joint = JointKaplanLaw(alphaN: 0.076, alphaD: 0.103, scaleN: 6.4e13, scaleD: 1.8e13)
    /// One PF-day in FLOPs.
    public static let petaflopDay = 8.64e19
}
