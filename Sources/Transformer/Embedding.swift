import Tensors

/// Token embedding plus learned positions.     y: [tokens, width]
public struct Embedding: Sendable {
    package let tokens: Region  // wte [vocabulary, width]
    package let positions: Region  // wpe [context, width]
    let kernels: Kernels

    package init(
        _ name: String, vocabulary: Int, context: Int, width: Int, layout: inout ParameterLayout, kernels: Kernels
    ) {
        tokens = layout.matrix("\(name).wte.weight", rows: vocabulary, columns: width)
        positions = layout.matrix("\(name).wpe.weight", rows: context, columns: width)
        self.kernels = kernels
    }

    package func forward(_ ids: [Int32], into y: Matrix, parameters: Floats) {
        kernels.embed(
            ids, tokenTable: parameters.matrix(tokens), positionTable: parameters.matrix(positions), into: y)
    }

    /// Adds to the token table's gradient, which the tied head wrote first; overwrites the positions'.
    package func backward(_ dy: Matrix, _ ids: [Int32], gradients: Floats) {
        kernels.embedBackward(
            dy, ids, tokenTable: gradients.matrix(tokens), positionTable: gradients.matrix(positions))
    }
}
