import Experiment
import Foundation
import Tensors
import Transformer

/// GPT-2's forward in Double, one token's vector after another, without any thought of speed. Written from the
/// definition (Radford et al. 2019; Hugging Face's `modeling_gpt2`), not from the layers that it is there to test.
struct PlainGPT2 {
    typealias Vector = [Double]

    let shape: ModelShape
    private let tensors: [String: Vector]

    init(_ model: GPT2, parameters: Floats) {
        shape = model.shape
        var tensors: [String: Vector] = [:]
        for tensor in model.layout.tensors {
            tensors[tensor.name] = parameters[tensor.region.range].array.map(Double.init)
        }
        self.tensors = tensors
    }

    /// Losses in nats of the tokens of one sequence of `context` tokens.
    func losses(tokens: [Int32], targets: [Int32]) -> [Double] {
        var x = tokens.indices.map { position in
            sum(
                row(tensor("transformer.wte.weight"), Int(tokens[position])),
                row(tensor("transformer.wpe.weight"), position))
        }
        for layer in 0..<shape.layers { x = block("transformer.h.\(layer)", x) }
        let table = tensor("transformer.wte.weight")
        return x.indices.map { position in
            let y = norm("transformer.ln_f", x[position])
            let logits = (0..<shape.vocabulary).map { dot(y, row(table, $0)) }
            let top = logits.max() ?? 0
            let total = logits.reduce(0) { $0 + exp($1 - top) }
            return log(total) + top - logits[Int(targets[position])]
        }
    }

    private func block(_ name: String, _ x: [Vector]) -> [Vector] {
        let qkv = x.map { linear("\(name).attn.c_attn", norm("\(name).ln_1", $0)) }
        let middle = x.indices.map { sum(x[$0], linear("\(name).attn.c_proj", attend(qkv, query: $0))) }
        return middle.map { row in
            let hidden = linear("\(name).mlp.c_fc", norm("\(name).ln_2", row)).map { value in
                0.5 * value * (1 + tanh((2 / Double.pi).squareRoot() * (value + 0.044715 * pow(value, 3))))
            }
            return sum(row, linear("\(name).mlp.c_proj", hidden))
        }
    }

    /// All heads' outputs for one query, side by side.
    private func attend(_ qkv: [Vector], query: Int) -> Vector {
        let width = shape.width
        let headWidth = shape.headWidth
        return (0..<shape.heads).flatMap { head -> Vector in
            func part(_ token: Int, _ third: Int) -> Vector {
                Array(qkv[token][(third * width + head * headWidth)..<(third * width + (head + 1) * headWidth)])
            }
            let q = part(query, 0)
            let scores = (0...query).map { dot(q, part($0, 1)) / Double(headWidth).squareRoot() }
            let top = scores.max() ?? 0
            let weights = scores.map { exp($0 - top) }
            let total = weights.reduce(0, +)
            return (0...query).reduce(Vector(repeating: 0, count: headWidth)) { output, key in
                sum(output, part(key, 2).map { $0 * weights[key] / total })
            }
        }
    }

    private func norm(_ name: String, _ x: Vector) -> Vector {
        let weight = tensor("\(name).weight")
        let bias = tensor("\(name).bias")
        let mean = x.reduce(0, +) / Double(x.count)
        let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count)
        return x.indices.map { (x[$0] - mean) / (variance + 1e-5).squareRoot() * weight[$0] + bias[$0] }
    }

    private func linear(_ name: String, _ x: Vector) -> Vector {
        let weight = tensor("\(name).weight")
        let bias = tensor("\(name).bias")
        var y = bias
        for input in x.indices {
            for output in y.indices { y[output] += x[input] * weight[input * y.count + output] }
        }
        return y
    }

    private func tensor(_ name: String) -> Vector {
        guard let tensor = tensors[name] else { preconditionFailure("the model has no tensor \(name)") }
        return tensor
    }

    private func row(_ table: Vector, _ index: Int) -> Vector {
        Array(table[(index * shape.width)..<((index + 1) * shape.width)])
    }

    private func dot(_ a: Vector, _ b: Vector) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    private func sum(_ a: Vector, _ b: Vector) -> Vector { zip(a, b).map { $0 + $1 } }
}
