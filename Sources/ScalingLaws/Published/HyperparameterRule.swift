import Foundation

/// Published rules for the peak learning rate of AdamW and for the batch, from sizes and lengths known before a run.
/// Each holds for its authors' architecture, optimizer and data, over the range they scanned: a start, to be checked at
/// twice and half the rate.
public enum HyperparameterRule: String, CaseIterable, Sendable {
    /// Porian et al. 2024 (arXiv 2406.19146), tuned with a constant rate at sequences of 2,048 tokens.
    case porian
    /// Bi et al. 2024 (DeepSeek LLM, arXiv 2401.02954), §3.1: functions of compute alone.
    case deepseek
    /// Li et al. 2025 (Step Law, arXiv 2503.04715).
    case stepLaw = "step-law"
    /// Kaplan et al. 2020 (arXiv 2001.08361), eq. D.1 and §6.1.
    case kaplan

    /// Authors, year and where in the paper.
    public var source: String {
        switch self {
        case .porian: "Porian et al. 2024, arXiv 2406.19146, §3.5"
        case .deepseek: "Bi et al. 2024 (DeepSeek LLM), arXiv 2401.02954, §3.1"
        case .stepLaw: "Li et al. 2025 (Step Law), arXiv 2503.04715, eq. 1"
        case .kaplan: "Kaplan et al. 2020, arXiv 2001.08361, eq. D.1 (learning rate) and §6.1 (batch)"
        }
    }

    /// The two rules as formulas, with the convention of N that they were fitted with.
    public var formula: String {
        switch self {
        case .porian:
            "rate 0.0047 (N/108e6)^(-1/3), batch 160 (N/108e6)^(2/3) sequences of 2048 tokens; N with the head"
        case .deepseek: "rate 0.3118 C^-0.1250, batch 0.2920 C^0.3271 tokens; C in FLOPs without embeddings"
        case .stepLaw: "rate 1.79 N^-0.713 D^0.307, batch 0.58 D^0.571 tokens; N without embeddings"
        case .kaplan:
            "rate 0.003239 - 0.0001395 ln N, batch 2.0e6 C^0.24 tokens with C in PF-days; N without embeddings"
        }
    }

    /// The peak learning rate for `n` parameters, `d` training tokens and `c` training FLOPs; nil where the rule gives
    /// none above 0 (Kaplan's is a line in ln N that ends at 1.2e10).
    public func learningRate(n: Double, d: Double, c: Double) -> Double? {
        switch self {
        case .porian: Self.usable(0.0047 * pow(n / 108e6, -1.0 / 3))
        case .deepseek: Self.usable(0.3118 * pow(c, -0.1250))
        case .stepLaw: Self.usable(1.79 * pow(n, -0.713) * pow(d, 0.307))
        case .kaplan: Self.usable(0.003239 - 0.0001395 * log(n))
        }
    }

    /// Tokens of a global batch for `n` parameters, `d` training tokens and `c` training FLOPs, not rounded to whole
    /// sequences; nil where the rule gives no finite number above 0.
    public func batchTokens(n: Double, d: Double, c: Double) -> Double? {
        switch self {
        case .porian: Self.usable(160 * 2048 * pow(n / 108e6, 2.0 / 3))
        case .deepseek: Self.usable(0.2920 * pow(c, 0.3271))
        case .stepLaw: Self.usable(0.58 * pow(d, 0.571))
        case .kaplan: Self.usable(2.0e6 * pow(c / KaplanConstants.petaflopDay, 0.24))
        }
    }

    private static func usable(_ value: Double) -> Double? { value.isFinite && value > 0 ? value : nil }
}
