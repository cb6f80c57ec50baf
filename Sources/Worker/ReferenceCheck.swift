import ArgumentParser
import Experiment
import Foundation
import Tensors
import Training

struct ReferenceCheck: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reference",
        abstract: "Compare this machine's results with another implementation's numbers.",
        discussion: """
            A case is a folder with config.json, model.safetensors and reference.safetensors: tokens, targets, logits, \
            loss, grad.<name>, curve_tokens, curve_loss, curve_grad_norm, curve_lr.
            """)

    @Argument(help: "A case's folder.") var folder: String
    @OptionGroup var kernelOption: KernelOption

    func run() throws {
        let kernels = try kernelOption.pinned()
        let reference = try ReferenceCase(URL(fileURLWithPath: folder))
        print(try SnakeCaseJSON.text(reference.compare(kernels: kernels)))
    }
}
