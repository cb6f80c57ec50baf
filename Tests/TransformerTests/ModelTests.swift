import Experiment
import Tensors
import Testing
import Transformer

@Suite("GPT-2")
struct ModelTests {
    private static let small = ModelShape(layers: 2, width: 6, heads: 3, context: 5, vocabulary: 7)
    private static let sets = KernelSet.allCases.filter(\.isSupported)

    /// A loss of about 1 after some hundred float32 operations, whose rounding errors partly cancel.
    private static let lossTolerance = 1e-5

    @Test(
        "losses agree with a plain GPT-2 in Double", arguments: sets,
        [
            ModelShape(layers: 1, width: 1, heads: 1, context: 1, vocabulary: 2), small,
            ModelShape(layers: 3, width: 36, heads: 2, context: 70, vocabulary: 11),
        ])
    func agreesWithPlain(set: KernelSet, shape: ModelShape) {
        let seeded = SeededModel(shape, sequences: 2, kernels: Kernels(set))
        let plain = PlainGPT2(seeded.model, parameters: seeded.parameters.floats)
        let losses = seeded.losses()
        let trained = seeded.trainingLosses()
        #expect(losses == trained, "without dropout, training sees the losses of evaluation")
        for sequence in 0..<2 {
            let range = sequence * shape.context..<(sequence + 1) * shape.context
            let expected = plain.losses(tokens: Array(seeded.tokens[range]), targets: Array(seeded.targets[range]))
            for (loss, plain) in zip(losses[range], expected) {
                #expect(abs(loss - plain) <= Self.lossTolerance * max(1, plain))
            }
        }
    }

    @Test("the layout holds as many parameters as the shape says, in Hugging Face's names")
    func layout() {
        let model = GPT2(shape: Self.small, kernels: Kernels(.baseline))
        #expect(model.layout.parameterCount == Self.small.totalParameters)
        let names = model.layout.tensors.map(\.name)
        #expect(names.count == 2 + 2 * 12 + 2 && Set(names).count == names.count)
        #expect(names.first == "transformer.wte.weight" && names.last == "transformer.ln_f.bias")
        #expect(names.contains("transformer.h.1.attn.c_attn.weight"))
    }

    @Test("a token that is not counted has no loss and no gradient, whatever its target")
    func countedMask() {
        let seeded = SeededModel(Self.small, sequences: 2)
        let all = seeded.trainingLosses()
        seeded.counted = (0..<10).map { UInt8($0 % 3 == 0 ? 0 : 1) }
        let some = seeded.trainingLosses()
        let gradient = seeded.gradient
        for index in 0..<10 { #expect(some[index] == (index % 3 == 0 ? 0 : all[index])) }
        #expect(seeded.losses() == some)
        for index in stride(from: 0, to: 10, by: 3) { seeded.targets[index] = (seeded.targets[index] + 1) % 7 }
        #expect(seeded.trainingLosses() == some && seeded.gradient == gradient)
        seeded.counted = Array(repeating: 0, count: 10)
        seeded.trainingLosses()
        #expect(seeded.gradient.allSatisfy { $0 == 0 })
    }

    @Test(
        "no token sees a later one",
        arguments: [small, ModelShape(layers: 1, width: 8, heads: 2, context: 70, vocabulary: 9)])
    func causality(shape: ModelShape) {
        let seeded = SeededModel(shape, sequences: 1)
        let before = seeded.logits(rows: 0..<shape.context)
        for changed in [shape.context - 1, shape.context / 2, 1] {
            let token = seeded.tokens[changed]
            seeded.tokens[changed] = (token + 1) % Int32(shape.vocabulary)
            let after = seeded.logits(rows: 0..<shape.context)
            let edge = changed * shape.vocabulary
            #expect(after[..<edge] == before[..<edge] && after[edge...] != before[edge...])
            seeded.tokens[changed] = token
        }
    }

    @Test("sequences of a slot do not see each other")
    func sequencesAreSeparate() {
        let seeded = SeededModel(Self.small, sequences: 3)
        let before = seeded.losses()
        seeded.tokens[7] = (seeded.tokens[7] + 1) % 7
        let after = seeded.losses()
        #expect(after[..<5] == before[..<5] && after[10...] == before[10...] && after[5..<10] != before[5..<10])
    }

    @Test("the same call has the same bits, whatever the workspace held and however many sequences it is for")
    func sameBits() {
        for dropout in [0, 0.2] {
            let exact = SeededModel(Self.small, sequences: 2, dropout: dropout)
            let losses = exact.trainingLosses()
            let gradient = exact.gradient
            let roomy = SeededModel(Self.small, sequences: 2, dropout: dropout, maximumSequences: 4)
            // Anything that is read before it is written would now be seen.
            roomy.gradients.floats.fill(.nan)
            for _ in 0..<2 {
                #expect(roomy.trainingLosses() == losses && roomy.gradient == gradient)
                _ = roomy.losses()
            }
        }
    }

    @Test("dropout changes training losses with the step and the sequence, and evaluation never")
    func dropoutPosition() {
        let dropped = SeededModel(Self.small, sequences: 2, dropout: 0.3)
        let plain = SeededModel(Self.small, sequences: 2)
        #expect(dropped.losses() == plain.losses())
        func losses(step: Int, firstSequence: Int) -> [Double] {
            dropped.model.lossesAndGradient(
                tokens: dropped.tokens, targets: dropped.targets, counted: dropped.counted, sequences: 2,
                position: BatchPosition(step: step, firstSequence: firstSequence),
                parameters: dropped.parameters.floats, gradients: dropped.gradients.floats, work: dropped.work)
            return dropped.work.losses
        }
        let first = losses(step: 0, firstSequence: 0)
        #expect(first == losses(step: 0, firstSequence: 0) && first != plain.trainingLosses())
        #expect(first != losses(step: 1, firstSequence: 0) && first != losses(step: 0, firstSequence: 2))
    }

    @Test(
        "recomputing activations changes no bit of losses and gradients, and spares memory",
        arguments: [(1, 12), (3, 70), (2, 600)], [0, 0.2])
    func recompute(_ size: (layers: Int, context: Int), dropout: Double) {
        let shape = ModelShape(layers: size.layers, width: 12, heads: 2, context: size.context, vocabulary: 11)
        let keeping = SeededModel(shape, sequences: 2, dropout: dropout)
        let recomputing = SeededModel(shape, sequences: 2, dropout: dropout, recomputes: true)
        recomputing.gradients.floats.fill(.nan)
        for _ in 0..<2 {
            #expect(recomputing.trainingLosses() == keeping.trainingLosses())
            #expect(recomputing.gradient == keeping.gradient)
            #expect(recomputing.losses() == keeping.losses())
        }
        let kept = Workspace.floats(shape: shape, sequences: 2, recomputes: false)
        let recomputed = Workspace.floats(shape: shape, sequences: 2, recomputes: true)
        // Of a block: queries, keys and values, attended, middle and hidden are 9 width floats per token.
        #expect(kept - recomputed >= (size.layers - 1) * 2 * size.context * 9 * shape.width)
    }

    @Test("after each stage of backward, all gradients from its offset on are those of the whole")
    func stages() {
        let shape = ModelShape(layers: 3, width: 6, heads: 3, context: 5, vocabulary: 7)
        let seeded = SeededModel(shape, sequences: 2, dropout: 0.2)
        let (model, work) = (seeded.model, seeded.work)
        let losses = seeded.trainingLosses()
        let whole = seeded.gradient
        let (p, g) = (seeded.parameters.floats, seeded.gradients.floats)
        g.fill(.nan)
        /// Final gradients, in the order of the tensors, are the last of the whole's.
        func expectFinal(from offset: Int) {
            let final = model.layout.tensors.filter { $0.region.offset >= offset }
                .flatMap { g[$0.region.range].array }
            #expect(!final.isEmpty && final == Array(whole.suffix(final.count)), "from \(offset) on")
        }
        model.beginBackward(
            tokens: seeded.tokens, targets: seeded.targets, counted: seeded.counted, sequences: 2,
            position: seeded.position, parameters: p, gradients: g, work: work)
        #expect(work.losses == losses)
        expectFinal(from: model.firstFinalGradient(afterBlock: shape.layers))
        for index in (0..<shape.layers).reversed() {
            model.backward(
                block: index, sequences: 2, position: seeded.position, parameters: p, gradients: g, work: work)
            expectFinal(from: model.firstFinalGradient(afterBlock: index))
            let start = model.layout.tensor(at: model.firstFinalGradient(afterBlock: index))
            #expect(start?.name == "transformer.h.\(index).ln_1.weight")
        }
        model.finishBackward(tokens: seeded.tokens, sequences: 2, position: seeded.position, gradients: g, work: work)
        expectFinal(from: 0)
    }
}
