import AllocationCounter
import Experiment
import Tensors
import Testing
import Transformer

/// With one BLAS thread, as a rank has: OpenBLAS allocates the jobs that it hands to several. Heads are 16 wide here,
/// as OpenBLAS 0.3.21 calls malloc inside of small AVX-512 products whose result has 6, 8 or 24 columns, and not with
/// 16, 32, 48, 64 or 128.
@Suite("Allocations", .enabled(if: BLAS.threads == 1, "OPENBLAS_NUM_THREADS=1, as in launch.sh"))
struct AllocationTests {
    /// What this thread allocates, at the least of ten runs. A product may find OpenBLAS's buffers in use by tests that
    /// run beside it, and make it one more, once: that is the library's, and no run's own.
    private func allocations(_ run: () -> Void) -> Int {
        (0..<10).map { _ in
            allocation_counter_start()
            run()
            return allocation_counter_stop()
        }.min() ?? 0
    }

    @Test("the counter sees objects, arrays and arenas")
    func counter() {
        #expect(allocations {} == 0)
        #expect(allocations { withExtendedLifetime(Arena(count: 1)) { _ in } } >= 1)
        #expect(allocations { withExtendedLifetime((0..<100).map { $0 * $0 }) { _ in } } >= 1)
    }

    @Test(
        "a slot's losses and gradient allocate nothing, over tiles of attention, with dropout and with recomputing",
        arguments: [0, 0.2], [false, true])
    func slot(dropout: Double, recomputes: Bool) {
        let shape = ModelShape(layers: 2, width: 32, heads: 2, context: 600, vocabulary: 32)
        let seeded = SeededModel(shape, sequences: 2, dropout: dropout, recomputes: recomputes)
        func run() {
            seeded.model.lossesAndGradient(
                tokens: seeded.tokens, targets: seeded.targets, counted: seeded.counted, sequences: 2,
                position: seeded.position, parameters: seeded.parameters.floats, gradients: seeded.gradients.floats,
                work: seeded.work)
        }
        run()
        #expect(allocations(run) == 0)
    }

    @Test("losses without a gradient allocate nothing")
    func evaluation() {
        let shape = ModelShape(layers: 2, width: 32, heads: 2, context: 70, vocabulary: 32)
        let seeded = SeededModel(shape, sequences: 2)
        func run() {
            seeded.model.losses(
                tokens: seeded.tokens, targets: seeded.targets, counted: seeded.counted, sequences: 2,
                parameters: seeded.parameters.floats, work: seeded.work)
        }
        run()
        #expect(allocations(run) == 0)
    }
}
