import ArgumentParser
import Communication
import Experiment
import Tensors

/// SGEMM at the shapes, strides and transposes of a step's products.
struct BenchGemm: RankedBench {
    static let configuration = CommandConfiguration(
        commandName: "gemm", abstract: "GFLOP/s of the matrix products that a step is made of.",
        discussion: """
            Every product of a slot is measured by rank 0 while the other ranks sleep, and by all ranks at once (the mean). \
            The reference is 1024 x 1024 x 1024. NN is a b, NT a bᵀ, TN aᵀ b; the last size is the one summed over.

            Examples:
              apus bench gemm --width 768 --heads 12 --context 512 --vocabulary 50304 --slot 2
              apus bench gemm --ranks 2 --json
            """)

    @OptionGroup var shape: BenchShape
    @OptionGroup var options: BenchOptions

    /// One product's rate.
    struct Row: Encodable {
        let product: String
        let transposes: StepProduct.Form
        let rows: Int
        let columns: Int
        let inner: Int
        let gflops: Double
        let gflopsAllBusy: Double

        init<Link: Communicator>(_ product: StepProduct, link: Link) throws {
            self.product = product.name
            transposes = product.form
            (rows, columns, inner) = (product.c.rows, product.c.columns, product.inner)
            gflops = try link.alone(product.gigaflops)
            gflopsAllBusy = link.ranks == 1 ? gflops : try link.allBusy(product.gigaflops)
        }
    }

    struct Result: BenchResult {
        let products: [Row]
        let reference: Row
        let kernels: String
        let ranks: Int
    }

    func measure<Link: Communicator>(_ kernels: Kernels, link: Link) throws -> Result {
        let square = StepProduct.Operand(1_024, 1_024)
        let reference = try Row(StepProduct("reference", .plain, square, square), link: link)
        let products = StepProduct.all(of: shape.model, sequences: shape.slotSequences)
        return Result(
            products: try products.map { try Row($0, link: link) }, reference: reference,
            kernels: kernels.set.rawValue, ranks: link.ranks)
    }
}

extension BenchGemm.Result {
    /// A header and a line for every product; shares are of the reference under the same load.
    var text: String {
        let header = cells("product", "", "size", "GFLOP/s", "share", "all busy", "share")
        return ([header] + (products + [reference]).map(line)).joined(separator: "\n")
            + "\n\(ranks) rank(s), kernels \(kernels)"
    }

    private func line(_ row: BenchGemm.Row) -> String {
        func share(_ part: Double, _ whole: Double) -> String { rounded(100 * part / whole, 0) + " %" }
        return cells(
            row.product, row.transposes.rawValue, "\(row.rows) x \(row.columns) x \(row.inner)",
            rounded(row.gflops, 1), share(row.gflops, reference.gflops), rounded(row.gflopsAllBusy, 1),
            share(row.gflopsAllBusy, reference.gflopsAllBusy))
    }

    /// The first two columns stand on the left, the others on the right.
    private func cells(_ texts: String...) -> String {
        zip(texts, [30, 4, 22, 9, 7, 9, 7]).enumerated().map { index, cell in
            let space = String(repeating: " ", count: max(0, cell.1 - cell.0.count))
            return index < 2 ? cell.0 + space : space + cell.0
        }.joined()
    }
}
