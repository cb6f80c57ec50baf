import Experiment
import ScalingLaws

extension SweepRules {
    /// The published rules, each with the N and C that it was fitted with.
    static let published = SweepRules(
        names: HyperparameterRule.allCases.map(\.rawValue),
        learningRate: { name, shape, tokens in
            HyperparameterRule(rawValue: name).flatMap { rule in
                rule.learningRate(n: rule.parameters(of: shape), d: tokens, c: rule.flops(of: shape, tokens: tokens))
            }
        },
        batchTokens: { name, shape, tokens in
            HyperparameterRule(rawValue: name).flatMap { rule in
                rule.batchTokens(n: rule.parameters(of: shape), d: tokens, c: rule.flops(of: shape, tokens: tokens))
            }
        })
}

extension HyperparameterRule {
    /// N as the rule counts it.
    fileprivate func parameters(of shape: ModelShape) -> Double {
        switch self {
        case .porian: Double(shape.parametersWithHead)
        case .deepseek, .stepLaw, .kaplan: Double(shape.nonEmbeddingParameters)
        }
    }

    /// C as the rule counts it: without the head, and for DeepSeek with attention (their M, equation 2).
    fileprivate func flops(of shape: ModelShape, tokens: Double) -> Double {
        switch self {
        case .deepseek: Double(shape.flopsPerToken - 6 * shape.headParameters) * tokens
        case .porian, .stepLaw, .kaplan: 6 * parameters(of: shape) * tokens
        }
    }
}
