import Foundation

/// Training at the critical batch as Kaplan et al. 2020 (arXiv 2001.08361) describe it: L(N, S) = (N_c/N)^α_N +
/// (S_c/S_min)^α_S (eq. 1.6) and B_crit(L) = B*/L^(1/α_B) (eq. 1.4), with all that their appendix B derives from them.
/// N is non-embedding parameters, batches are tokens, compute is FLOPs at C = 6 N B S.
public struct KaplanTheory: Sendable, Equatable {
    /// α_N.
    public var alphaN: Double
    /// α_S.
    public var alphaS: Double
    /// α_B.
    public var alphaB: Double
    /// N_c, parameters.
    public var scaleN: Double
    /// S_c, updates.
    public var scaleS: Double
    /// B*, tokens.
    public var scaleB: Double

    /// A theory with its six constants.
    public init(alphaN: Double, alphaS: Double, alphaB: Double, scaleN: Double, scaleS: Double, scaleB: Double) {
        self.alphaN = alphaN
        self.alphaS = alphaS
        self.alphaB = alphaB
        self.scaleN = scaleN
        self.scaleS = scaleS
        self.scaleB = scaleB
    }

    /// Tables 3 and 5 of the paper.
    public static let published = KaplanTheory(
        alphaN: 0.077, alphaS: 0.76, alphaB: 0.21, scaleN: 6.5e13, scaleS: 2.1e3, scaleB: 2.1e8)

    /// Eq. 1.6, nats per token: a model of `n` parameters after `minimumSteps` updates at a batch far above critical.
    public func loss(n: Double, minimumSteps: Double) -> Double {
        convergedLoss(n: n) + pow(scaleS / minimumSteps, alphaS)
    }

    /// (N_c/N)^α_N: the loss without end of training.
    public func convergedLoss(n: Double) -> Double { pow(scaleN / n, alphaN) }

    /// Eq. 5.3, tokens: the batch at which time and compute are in balance.
    public func criticalBatch(loss: Double) -> Double { scaleB * pow(loss, -1 / alphaB) }

    /// Eq. 5.4: the updates that a batch far above critical would have needed, of `steps` at `batchTokens`.
    public func minimumSteps(steps: Double, batchTokens: Double, loss: Double) -> Double {
        steps / (1 + criticalBatch(loss: loss) / batchTokens)
    }

    /// Eq. 5.5, FLOPs: the compute that a batch far below critical would have needed.
    public func minimumCompute(compute: Double, batchTokens: Double, loss: Double) -> Double {
        compute / (1 + batchTokens / criticalBatch(loss: loss))
    }

    /// Eq. 6.4 and B8: α_C = 1/(1/α_S + 1/α_B + 1/α_N), the exponent of L(C).
    public var alphaC: Double { 1 / (1 / alphaS + 1 / alphaB + 1 / alphaN) }

    /// C_c (B9), FLOPs.
    public var scaleC: Double {
        let ratio = alphaN / alphaS
        return 6 * scaleN * scaleB * scaleS * pow(1 + ratio, 1 / alphaS + 1 / alphaN) * pow(1 / ratio, 1 / alphaS)
    }

    /// f at the optimum: the loss there is (1 + α_N/α_S) times the converged one (B6).
    public var efficientExcess: Double { alphaN / alphaS }

    /// N(C) (B7).
    public func parameters(compute: Double) -> Double {
        scaleN * pow(compute / scaleC, alphaC / alphaN) * pow(1 + efficientExcess, 1 / alphaN)
    }

    /// S(C) (B10): updates at the critical batch.
    public func steps(compute: Double) -> Double {
        scaleC / (6 * scaleN * scaleB) * pow(1 + efficientExcess, -1 / alphaN) * pow(compute / scaleC, alphaC / alphaS)
    }

    /// L(C) = (C_c/C)^α_C (B8), nats per token.
    public func loss(compute: Double) -> Double { pow(scaleC / compute, alphaC) }

    /// C(N, L) (B15), FLOPs: what a model of `n` parameters needs for `loss` at the critical batch; nil when it never
    /// gets there.
    public func compute(n: Double, loss: Double) -> Double? {
        let room = loss - convergedLoss(n: n)
        guard room > 0 else { return nil }
        return 6 * n * criticalBatch(loss: loss) * scaleS * pow(room, -1 / alphaS)
    }

    /// C(x N_opt)/C(N_opt) for one loss (B16); nil when a model so small never gets there.
    public func excessCompute(sizeFactor x: Double) -> Double? { stepRatio(sizeFactor: x).map { x * $0 } }

    /// S(x N_opt)/S(N_opt) for one loss (B17); nil when a model so small never gets there.
    public func stepRatio(sizeFactor x: Double) -> Double? {
        let room = 1 + (alphaS / alphaN) * (1 - pow(x, -alphaN))
        guard room > 0 else { return nil }
        return pow(room, -1 / alphaS)
    }

    /// How training to a fraction f above the converged loss compares with training to f′ (B12 to B14), for one loss
    /// reached: with f larger the model is larger and stops earlier.
    public func comparison(of f: Double, with other: Double) -> (parameters: Double, steps: Double, compute: Double) {
        let parameters = pow((1 + f) / (1 + other), 1 / alphaN)
        let steps = pow((1 + 1 / f) / (1 + 1 / other), 1 / alphaS)
        return (parameters, steps, parameters * steps)
    }
}

/// What Kaplan et al. 2020 (§6.1) read off their runs, with C_min in FLOPs.
public enum KaplanAllocation {
    /// N_opt = 1.3e9 C^0.73, non-embedding parameters.
    public static func parameters(compute: Double) -> Double { 1.3e9 * pow(days(compute), 0.73) }
    /// B = 2.0e6 C^0.24, tokens.
    public static func batchTokens(compute: Double) -> Double { 2.0e6 * pow(days(compute), 0.24) }
    /// S_min = 5.4e3 C^0.03, updates.
    public static func minimumSteps(compute: Double) -> Double { 5.4e3 * pow(days(compute), 0.03) }
    /// D_opt = 2e10 C^0.27, tokens: what a run at the critical batch reads, which spends twice C_min.
    public static func tokens(compute: Double) -> Double { 2e10 * pow(days(compute), 0.27) }
    /// L(C_min) = (3.1e8/C)^0.050 (eq. 1.3), nats per token.
    public static func loss(compute: Double) -> Double { pow(3.1e8 / days(compute), 0.050) }

    private static func days(_ compute: Double) -> Double { compute / KaplanConstants.petaflopDay }
}

extension JointKaplanLaw {
    /// δL = L(N, D)/L(N, ∞) − 1 (Kaplan et al. 2020, eq. 4.2 and 4.3).
    public func overfitting(n: Double, d: Double) -> Double {
        pow(1 + pow(n / scaleN, alphaN / alphaD) * scaleD / d, alphaD) - 1
    }

    /// The tokens that keep δL at or below `excess` (eq. 4.4 is this for 0.02, the noise of their seeds).
    public func tokens(forOverfitting excess: Double, n: Double) -> Double {
        scaleD * pow(n / scaleN, alphaN / alphaD) / (pow(1 + excess, 1 / alphaD) - 1)
    }

    /// S_stop ≥ S_c/[L(N, D) − L(N, ∞)]^(1/α_S) (eq. 5.7): no early stop is due before that many updates.
    public func stoppingSteps(n: Double, d: Double, scaleS: Double = 2.1e3, alphaS: Double = 0.76) -> Double {
        let converged = pow(scaleN / n, alphaN)
        return scaleS * pow(converged * overfitting(n: n, d: d), -1 / alphaS)
    }
}
