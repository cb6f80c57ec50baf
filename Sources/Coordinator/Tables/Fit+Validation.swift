import ArgumentParser
import ScalingLaws

/// What `apus fit` refuses before it reads a table: options that the law does not take.
extension Fit {
    func validate() throws {
        guard !allConventions || law == .chinchilla else {
            throw ValidationError("--all-conventions compares exponents of N and D: it needs --law chinchilla.")
        }
        guard !profile || law == .chinchilla else {
            throw ValidationError("--profile is for --law chinchilla.")
        }
        guard !profile || fitting.lossFunction != .asymmetricMAE else {
            throw ValidationError("--profile needs a loss that is a likelihood, and asymmetric-mae is none.")
        }
        guard curves == nil || law.takesCurves, curves != nil || law == .steps || !law.takesCurves else {
            throw ValidationError(
                "--law envelope and critical-batch need --curves FILE; besides them only --law steps takes one.")
        }
        guard alphaB == nil || criticalBatch != nil, alphaB.map({ $0.isFinite && $0 != 0 }) ?? true else {
            throw ValidationError("--alpha-b is a number other than 0 and goes with --critical-batch B*.")
        }
        guard criticalBatch == nil || law == .steps else {
            throw ValidationError("--critical-batch is for --law steps.")
        }
        guard usableShare == 1 || law == .envelope else {
            throw ValidationError("--usable-share is for --law envelope.")
        }
        guard curveLoss == Self.standardCurveLoss || curves != nil else {
            throw ValidationError("--curve-loss names a column of --curves FILE, which is not given.")
        }
        guard law != .envelope || (fitting.lossFunction == .huber && source.rows.weights == nil) else {
            throw ValidationError(
                "--law envelope takes the lowest curve as it is: --loss-function and --weights do not reach it.")
        }
        guard !law.takesScans || (fitting.lossFunction == .huber && source.rows.weights == nil) else {
            throw ValidationError(
                "--law \(law.rawValue) takes the losses of its scan as they are: --loss-function and --weights do not "
                    + "reach it.")
        }
        guard fitting.resampleIndices == nil || fitsRows else {
            throw ValidationError(
                "--resample-indices draws rows of the table, and --law \(law.rawValue) draws others: it is for "
                    + "chinchilla, kaplan, kaplan+E, data-constrained, auto, and steps without --curves.")
        }
        guard fitting.writeIndices == nil || drawsRows else {
            throw ValidationError(
                "--write-indices writes rows of the table, and --law \(law.rawValue) has none to tell: it is for "
                    + "chinchilla, kaplan+E, data-constrained and auto.")
        }
        guard usableShare > 0, usableShare <= 1 else {
            throw ValidationError("--usable-share is \(usableShare); it must be above 0 and at most 1.")
        }
        if let criticalBatch, !(criticalBatch > 0 && criticalBatch.isFinite) {
            throw ValidationError("--critical-batch is \(criticalBatch); it must be a number above 0.")
        }
        if let holdOut, !(holdOut > 0 && holdOut < 1) {
            throw ValidationError("--hold-out is \(holdOut); it must be a share between 0 and 1, as 0.2.")
        }
        guard base == nil || law == .dataConstrained else {
            throw ValidationError("--base is for --law data-constrained.")
        }
    }

    /// Whether a resample is a list of rows of the table.
    fileprivate var fitsRows: Bool {
        switch law {
        case .chinchilla, .kaplan, .kaplanIrreducible, .dataConstrained, .auto: true
        case .steps: curves == nil
        case .isoflop, .envelope, .compute, .learningRate, .batch, .criticalBatch: false
        }
    }

    /// Whether the resamples that were drawn are told.
    fileprivate var drawsRows: Bool {
        switch law {
        case .chinchilla, .kaplanIrreducible, .dataConstrained, .auto: true
        case .kaplan, .steps, .isoflop, .envelope, .compute, .learningRate, .batch, .criticalBatch: false
        }
    }
}
