import Checkpoints
import Communication
import Corpus
import Experiment
import Foundation
import Tensors

/// How a run is to be launched: all that does not change its arithmetic.
public struct LaunchSettings: Sendable {
    public var directory: RunDirectory
    /// A run whose steps this one begins with, as far as they are its own; looked at while `directory` has no checkpoint.
    public var trunk: RunDirectory?
    public var kernels: KernelSet
    public var fresh: Bool
    public var allowsOtherArithmetic: Bool
    /// Names of this rank's host, CPU and libraries.
    public var host: String
    public var mpiLibrary: String
    public var version: String

    public init(
        directory: RunDirectory, trunk: RunDirectory? = nil, kernels: KernelSet, fresh: Bool,
        allowsOtherArithmetic: Bool, host: String, mpiLibrary: String, version: String
    ) {
        self.directory = directory
        self.trunk = trunk
        self.kernels = kernels
        self.fresh = fresh
        self.allowsOtherArithmetic = allowsOtherArithmetic
        self.host = host
        self.mpiLibrary = mpiLibrary
        self.version = version
    }
}

/// A run from its folder to its end: set up or resumed, stepped, evaluated, saved. Rank 0 keeps the folder.
public final class TrainingRun<Link: Communicator> {
    private let trainer: Trainer<Link>
    private let folder: RunFolder?
    private let hosts: [String]
    private let sgemmGigaflops: Double
    private let report: (RunEvent) -> Void
    private let flopsPerToken: Double
    private var secondsOfSteps: [Double] = []

    /// Sets the run up, or goes on with what its folder holds.
    /// - Parameters:
    ///   - config: what was asked for; nil to go on with the folder's.
    ///   - report: told, on rank 0, of everything that happens.
    public init(
        config: RunConfig?, settings: LaunchSettings, link: Link, report: @escaping (RunEvent) -> Void
    ) throws {
        let kernels = Kernels(settings.kernels)
        let fingerprint = try agreedFingerprint(settings, kernels: kernels, link: link)
        hosts = try hostNames(settings.host, link: link)
        let memory = try AvailableMemory(link: link)
        let setup =
            link.rank == 0
            ? try RunFolder(
                config: config, settings: settings, fingerprint: fingerprint, report: report,
                approve: { try memory.require(for: $0, shape: $1) }) : nil
        // Rank 0 may have prepared a corpus for long.
        try link.idleBarrier()
        let shared = try SharedSetup.share(setup, link: link)
        let agreed = try setup?.config ?? RunConfig(yaml: shared.configYAML, source: "rank 0", folder: currentFolder)
        let delivery = CorpusDelivery(
            manifest: shared.corpus, scratch: LocalScratch(host: settings.host, launch: shared.scratch), hosts: hosts,
            link: link, tell: { setup?.note(.message(.init(time: now(), text: $0))) })
        let corpus = try delivery.open(setup?.corpus)
        trainer = try Trainer(config: agreed, corpus: corpus, link: link, kernels: kernels)
        evaluations = shared.evaluations
        savesFirst = shared.beginsOnTrunk
        sgemmGigaflops = MatrixProductRate.measure()
        flopsPerToken = Double(trainer.model.shape.flopsPerToken)
        folder = setup
        self.report = report
        if shared.resumes {
            try trainer.restore(setup?.checkpoint)
        } else {
            try trainer.initialize()
        }
        try setup?.begin(
            atStep: trainer.step, ranks: link.ranks, hosts: Array(Set(hosts)).sorted(), settings: settings)
        if let setup {
            for reading in trainer.readings { setup.note(.message(.init(time: now(), text: reading.text))) }
        }
        if let notice = trainer.notice { setup?.note(.message(.init(time: now(), text: notice))) }
    }

    /// Steps until the end, an early stop, or a request to stop.
    /// - Parameter stopRequested: asked in every step.
    /// - Throws: what ended the run; `Failure(.worker)` when the last checkpoint could not be written.
    public func run(stopRequested: () -> Bool) throws -> RunEvent.Status {
        if let folder { folder.note(.started(startedEvent)) }
        // From here on the run is on its own: its trunk may go.
        if savesFirst { try save(isLast: false) }
        var begins = trainer.step == 0
        var stops = false
        while trainer.step < trainer.config.steps, !stops, !stoppedEarly {
            let (result, digest) = try step(stopRequested: stopRequested)
            let isLast = trainer.step == trainer.config.steps
            let isDue = trainer.config.evaluate.every.map { trainer.step % $0 == 0 } ?? false
            let evaluation = isLast || isDue ? try evaluate() : nil
            folder?.record(row(result, evaluation, digest), seconds: result.seconds)
            // The first row does not wait for the loss that the run began with.
            if begins {
                let initial = try trainer.evaluateInitial()
                note(initial, atStep: 0)
                folder?.record(initial.rows(config: trainer.config, step: 0))
            }
            begins = false
            if let evaluation { folder?.record(evaluation.rows(config: trainer.config, step: trainer.step)) }
            stops = result.stops && !isLast
            let atEnd = isLast || stops || stoppedEarly
            if atEnd || trainer.config.checkpoint.isDue(afterStep: trainer.step) { try save(isLast: atEnd) }
        }
        let status: RunEvent.Status =
            trainer.step == trainer.config.steps ? .complete : stoppedEarly ? .stoppedEarly : .interrupted
        folder?.note(.ended(.init(time: now(), step: trainer.step, status: status)))
        return status
    }

    private func step(stopRequested: () -> Bool) throws -> (StepResult, batchDigest: String) {
        do {
            let (result, digest) = try trainer.takeStepWithReceipt(stops: stopRequested)
            report(.step(stepEvent(result)))
            return (result, digest)
        } catch let failure as Failure {
            folder?.keep(.message(.init(time: now(), text: failure.message)))
            folder?.note(.ended(.init(time: now(), step: trainer.step, status: .diverged)))
            throw failure
        }
    }

    /// `patience` evaluations in a row without a new best; read off the ledger's rows, so that a resume knows it too.
    private var stoppedEarly: Bool {
        guard let patience = trainer.config.evaluate.patience else { return false }
        let losses = evaluations
        guard let best = losses.indices.min(by: { losses[$0] < losses[$1] }) else { return false }
        return losses.count - 1 - best >= patience
    }

    /// Held-out losses of this run so far, from step 1 on; equal on all ranks.
    private var evaluations: [Double]
    /// The state that the run begins with is another run's: it is saved as this one's.
    private let savesFirst: Bool

    private func evaluate() throws -> Evaluation {
        let evaluation = try trainer.evaluate()
        guard evaluation.loss.isFinite else {
            folder?.keep(.ended(.init(time: now(), step: trainer.step, status: .diverged)))
            throw Failure(
                .worker,
                "The held-out loss after step \(trainer.step) is \(evaluation.loss): the run has diverged. Lower "
                    + "schedule.peak (\(trainer.config.schedule.peak)), or warm up longer.")
        }
        evaluations.append(evaluation.loss)
        note(evaluation, atStep: trainer.step)
        return evaluation
    }

    private func note(_ evaluation: Evaluation, atStep step: Int) {
        folder?.note(
            .evaluated(
                .init(
                    time: now(), step: step, loss: evaluation.loss, standardError: evaluation.standardError,
                    bitsPerByte: evaluation.bitsPerByte)))
    }

    /// A checkpoint that cannot be written costs the run nothing but the steps since the last good one, unless it is
    /// the last.
    private func save(isLast: Bool) throws {
        let begun = Stopwatch()
        do {
            let record = try trainer.saveCheckpoint(
                in: folder?.directory.checkpoints ?? URL(fileURLWithPath: "."), attributes: folder?.attributes ?? [:],
                prepare: { try folder?.synchronize() })
            if let record { folder?.committed(record, seconds: begun.seconds) }
        } catch  where !(error is CommunicationError) {
            let message = RunEvent.message(.init(time: now(), text: "No checkpoint at step \(trainer.step): \(error)"))
            guard isLast else {
                folder?.note(message)
                return
            }
            folder?.keep(message)
            throw Failure(.worker, "The last checkpoint is missing: \(error)")
        }
    }

    private func row(_ result: StepResult, _ evaluation: Evaluation?, _ batchDigest: String) -> LedgerRow {
        let config = trainer.config
        let shape = trainer.model.shape
        let tokens = trainer.step * config.tokensPerStep
        return LedgerRow(
            run: config.name, step: trainer.step, tokens: tokens, flops6ND: shape.flops6ND(tokens: tokens),
            flopsExact: shape.flopsExact(tokens: tokens), nonEmbeddingParameters: shape.nonEmbeddingParameters,
            totalParameters: shape.totalParameters, trainLoss: result.loss, evalLoss: evaluation?.loss,
            evalLossStandardError: evaluation?.standardError, learningRate: result.learningRate,
            gradientNorm: result.gradientNorm, batchTokens: config.tokensPerStep,
            uniqueTokens: trainer.uniqueTokens, epoch: result.epoch, batchDigest: batchDigest,
            gradientSquare: result.gradientNoise?.square, gradientNoise: result.gradientNoise?.trace)
    }

    private var startedEvent: RunEvent.Started {
        RunEvent.Started(
            time: now(), run: trainer.config.name, folder: folder?.directory.url.path ?? "", step: trainer.step,
            steps: trainer.config.steps, ranks: trainer.link.ranks, hosts: Array(Set(hosts)).sorted(),
            kernels: trainer.model.kernels.set.rawValue, parameters: trainer.model.shape.totalParameters,
            tokensPerStep: trainer.config.tokensPerStep, sgemmGigaflops: sgemmGigaflops)
    }

    private func stepEvent(_ result: StepResult) -> RunEvent.Step {
        secondsOfSteps.append(result.seconds.total)
        if secondsOfSteps.count > 20 { secondsOfSteps.removeFirst() }
        let mean = secondsOfSteps.reduce(0, +) / Double(secondsOfSteps.count)
        let rate = Double(trainer.config.tokensPerStep) / result.seconds.total
        return RunEvent.Step(
            step: trainer.step, steps: trainer.config.steps, loss: result.loss, gradientNorm: result.gradientNorm,
            learningRate: result.learningRate, tokensPerSecond: rate,
            utilisation: rate * flopsPerToken / (sgemmGigaflops * 1e9 * Double(trainer.link.ranks)),
            secondsLeft: mean * Double(trainer.config.steps - trainer.step))
    }
}

private let currentFolder = URL(fileURLWithPath: ".")

/// Seconds since 1970.
func now() -> Double { Date().timeIntervalSince1970 }
