import Foundation
import Subprocess

/// The built `apus`, run as a user would: what it printed and how it ended.
struct CommandLineResult {
    let code: Int32
    let output: String
    let errors: String
}

/// A scratch folder with the built executables at hand; removed at the end.
final class CommandLine: Sendable {
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "apus-test-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// Where the test bundle lies, and the executables with it.
    static let products = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()

    /// Runs `apus` in the scratch folder.
    /// - Parameters:
    ///   - interruptedAfter: when this text has been printed, SIGINT is sent once.
    func apus(
        _ arguments: [String], environment: [String: String?] = [:], interruptedAfter marker: String? = nil
    ) async throws -> CommandLineResult {
        try await run("apus", arguments, environment: environment, interruptedAfter: marker)
    }

    /// Runs `apus-worker` by hand, without a launcher.
    func worker(_ arguments: [String], environment: [String: String?] = [:]) async throws -> CommandLineResult {
        try await run("apus-worker", arguments, environment: environment, interruptedAfter: nil)
    }

    /// Runs a line of bash in the scratch folder, where `apus` is what was built.
    func shell(_ script: String) async throws -> String {
        let line = "PATH='\(Self.products.path)':$PATH; cd '\(folder.path)'; \(script)"
        let result = try await Subprocess.run(
            .path("/bin/bash"), arguments: ["-c", line], input: .none, output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 20))
        return result.standardOutput
    }

    private func run(
        _ executable: String, _ arguments: [String], environment: [String: String?], interruptedAfter marker: String?
    ) async throws -> CommandLineResult {
        let changes = environment.map { (Environment.Key(stringLiteral: $0.key), $0.value) }
        let result = try await Subprocess.run(
            .path(.init(Self.products.appendingPathComponent(executable).path)), arguments: Arguments(arguments),
            environment: .inherit.updating(Dictionary(uniqueKeysWithValues: changes)),
            workingDirectory: .init(folder.path), input: .none, output: .sequence, error: .sequence
        ) { execution in
            async let errors = Self.collect(execution.standardError)
            var output = ""
            var waits = marker != nil
            for try await line in execution.standardOutput.strings() {
                output += line + "\n"
                if let marker, waits, line.contains(marker) {
                    waits = false
                    try execution.send(signal: .interrupt)
                }
            }
            return (output, try await errors)
        }
        guard case .exited(let code) = result.terminationStatus else {
            return CommandLineResult(code: -1, output: result.closureResult.0, errors: result.closureResult.1)
        }
        return CommandLineResult(code: code, output: result.closureResult.0, errors: result.closureResult.1)
    }

    private static func collect(_ stream: SubprocessOutputSequence) async throws -> String {
        var text = ""
        for try await line in stream.strings() { text += line + "\n" }
        return text
    }

    /// Writes a file below the folder.
    func write(_ text: String, to name: String) throws { try write(Data(text.utf8), to: name) }

    func write(_ data: Data, to name: String) throws {
        let file = folder.appendingPathComponent(name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try data.write(to: file)
    }

    func read(_ name: String) throws -> Data { try Data(contentsOf: folder.appendingPathComponent(name)) }

    func exists(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: folder.appendingPathComponent(name).path)
    }

    /// A run of seconds on the calibration source: 4 slots, 24 steps.
    static let tinyConfig = """
        name: tiny
        model:      {layers: 1, width: 16, heads: 2, context: 12}
        corpus:     {calibration: {alphabet: 8, key: 2, value: 2, exponent: 0.5, tokens: 20000}}
        batch:      {sequences: 8, slot: 2}
        schedule:   {kind: cosine, peak: 1e-2, floor: 1e-3, warmup_steps: 4}
        steps: 24
        evaluate:   {every: 8, tokens: 600}
        checkpoint: {every: 8, keep: 3}
        seed: 1

        """
}
