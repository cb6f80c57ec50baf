import Foundation

/// What a run tells while it goes: a line of `events.jsonl`, and of the worker's standard output when the coordinator
/// reads it (`APUS_PROGRESS=json`). `time` is in seconds since 1970.
public enum RunEvent: Sendable, Equatable, Codable {
    /// Training begins, from step 0 or from a checkpoint.
    case started(Started)
    /// A step was taken. Shown, not kept in `events.jsonl`: the ledger and the timings have it.
    case step(Step)
    case evaluated(Evaluated)
    case checkpointed(Checkpointed)
    /// Something that a person should know: an older checkpoint was used, a full disk.
    case message(Message)
    case ended(Ended)

    public struct Started: Sendable, Equatable, Codable {
        public var time: Double
        public var run: String
        public var folder: String
        public var step: Int
        public var steps: Int
        public var ranks: Int
        public var hosts: [String]
        public var kernels: String
        public var parameters: Int
        public var tokensPerStep: Int
        /// The launch's measured matrix-product rate per rank, in GFLOP/s.
        public var sgemmGigaflops: Double

        public init(
            time: Double, run: String, folder: String, step: Int, steps: Int, ranks: Int, hosts: [String],
            kernels: String, parameters: Int, tokensPerStep: Int, sgemmGigaflops: Double
        ) {
            self.time = time
            self.run = run
            self.folder = folder
            self.step = step
            self.steps = steps
            self.ranks = ranks
            self.hosts = hosts
            self.kernels = kernels
            self.parameters = parameters
            self.tokensPerStep = tokensPerStep
            self.sgemmGigaflops = sgemmGigaflops
        }
    }

    public struct Step: Sendable, Equatable, Codable {
        public var step: Int
        public var steps: Int
        public var loss: Double
        public var gradientNorm: Double
        public var learningRate: Double
        /// Of the last step, over all ranks.
        public var tokensPerSecond: Double
        /// Model FLOP/s over the ranks' measured matrix-product rate.
        public var utilisation: Double
        public var secondsLeft: Double

        public init(
            step: Int, steps: Int, loss: Double, gradientNorm: Double, learningRate: Double, tokensPerSecond: Double,
            utilisation: Double, secondsLeft: Double
        ) {
            self.step = step
            self.steps = steps
            self.loss = loss
            self.gradientNorm = gradientNorm
            self.learningRate = learningRate
            self.tokensPerSecond = tokensPerSecond
            self.utilisation = utilisation
            self.secondsLeft = secondsLeft
        }
    }

    public struct Evaluated: Sendable, Equatable, Codable {
        public var time: Double
        public var step: Int
        public var loss: Double
        public var standardError: Double
        /// For text: the loss in bits per byte of the held-out text.
        public var bitsPerByte: Double?

        public init(time: Double, step: Int, loss: Double, standardError: Double, bitsPerByte: Double?) {
            self.time = time
            self.step = step
            self.loss = loss
            self.standardError = standardError
            self.bitsPerByte = bitsPerByte
        }
    }

    public struct Checkpointed: Sendable, Equatable, Codable {
        public var time: Double
        public var step: Int
        public var file: String
        public var digest: String
        public var seconds: Double

        public init(time: Double, step: Int, file: String, digest: String, seconds: Double) {
            self.time = time
            self.step = step
            self.file = file
            self.digest = digest
            self.seconds = seconds
        }
    }

    public struct Message: Sendable, Equatable, Codable {
        public var time: Double
        public var text: String

        public init(time: Double, text: String) {
            self.time = time
            self.text = text
        }
    }

    public struct Ended: Sendable, Equatable, Codable {
        public var time: Double
        public var step: Int
        public var status: Status

        public init(time: Double, step: Int, status: Status) {
            self.time = time
            self.step = step
            self.status = status
        }
    }

    /// How a launch ended. An interrupted run goes on with the same command.
    public enum Status: String, Sendable, Codable {
        case complete
        case stoppedEarly = "stopped_early"
        case interrupted
        case diverged
    }

    private enum Key: CodingKey { case event }

    /// Flat: the payload's keys, and `event` with the kind.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        switch self {
        case .started(let payload):
            try container.encode("started", forKey: .event)
            try payload.encode(to: encoder)
        case .step(let payload):
            try container.encode("step", forKey: .event)
            try payload.encode(to: encoder)
        case .evaluated(let payload):
            try container.encode("evaluated", forKey: .event)
            try payload.encode(to: encoder)
        case .checkpointed(let payload):
            try container.encode("checkpointed", forKey: .event)
            try payload.encode(to: encoder)
        case .message(let payload):
            try container.encode("message", forKey: .event)
            try payload.encode(to: encoder)
        case .ended(let payload):
            try container.encode("ended", forKey: .event)
            try payload.encode(to: encoder)
        }
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        switch try container.decode(String.self, forKey: .event) {
        case "started": self = .started(try Started(from: decoder))
        case "step": self = .step(try Step(from: decoder))
        case "evaluated": self = .evaluated(try Evaluated(from: decoder))
        case "checkpointed": self = .checkpointed(try Checkpointed(from: decoder))
        case "message": self = .message(try Message(from: decoder))
        case "ended": self = .ended(try Ended(from: decoder))
        case let other:
            throw DecodingError.dataCorruptedError(
                forKey: .event, in: container, debugDescription: "no event is called \(other)")
        }
    }

    /// The event as one line of JSON, keys sorted. Numbers that JSON has not are the texts "inf", "-inf" and "nan".
    public func line() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
    }

    /// Reads a line; nil when it is no event.
    public init?(line: some StringProtocol) {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        guard let event = try? decoder.decode(RunEvent.self, from: Data(line.utf8)) else { return nil }
        self = event
    }
}
