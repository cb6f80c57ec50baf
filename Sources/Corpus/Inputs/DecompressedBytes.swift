import Experiment
import Foundation
import Synchronization

/// The bytes that `gzip` or `zstd` makes of a compressed file, as they come: neither side is held whole. The end is
/// told only after the program has ended well, so a broken file never passes for a short one. A stream that is dropped
/// before its end ends its program.
final class DecompressedBytes: ByteStream {
    private let program: Compression
    private let shown: String
    private let process: Process
    private let output: FileHandle
    private let words: ErrorWords
    private let ended: DispatchSemaphore
    private var isEnded = false

    /// - Parameters:
    ///   - shown: what errors call the file.
    ///   - searchPath: folders of programs, with colons between.
    /// - Throws: `Failure(.badData)` for a file that cannot be opened or a program that is not there.
    init(
        _ compression: Compression, path: String, shown: String,
        searchPath: String = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    ) throws {
        program = compression
        self.shown = shown
        let executable = try compression.executable(toRead: shown, searchPath: searchPath)
        let input = try FileBytes.open(path, shown: shown)
        // The program has a descriptor of its own.
        defer { try? input.close() }
        let ended = DispatchSemaphore(value: 0)
        self.ended = ended
        process = Process()
        process.executableURL = executable
        process.arguments = compression.arguments
        process.environment = ["LC_ALL": "C"]
        process.standardInput = input
        process.terminationHandler = { _ in ended.signal() }
        (output, words) = try Self.start(process, toRead: shown)
    }

    deinit {
        guard !isEnded else { return }
        // It has nothing to put in order, and a stopped process would not listen to anything milder.
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        try? output.close()
        waitForProcess()
    }

    /// Returns what the program said on standard error, when it is gone.
    @discardableResult
    private func waitForProcess() -> String {
        let text = words.wait()
        // `waitUntilExit` alone looks every 50 ms; behind the handler it returns at once. Without it Foundation (Swift
        // 6.3, Linux) never frees a process that has a handler.
        ended.wait()
        process.waitUntilExit()
        return text
    }

    /// One process is started at a time: another one must not inherit the pipe's writing end, which would keep the
    /// pipe open after its own program has ended.
    private static let starting = Mutex(())

    private static func start(_ process: Process, toRead shown: String) throws -> (FileHandle, ErrorWords) {
        try starting.withLock { _ in
            let output = Pipe()
            let errors = Pipe()
            process.standardOutput = output
            process.standardError = errors
            do {
                try process.run()
            } catch {
                throw Failure(.badData, "Cannot start a program to read \(shown): \(error.reason); try it by hand.")
            }
            return (output.fileHandleForReading, ErrorWords(errors.fileHandleForReading))
        }
    }

    var processIdentifier: Int32 { process.processIdentifier }

    func read(_ count: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count, !isEnded {
            let data: Data?
            do {
                data = try output.read(upToCount: count - bytes.count)
            } catch {
                throw Failure(.badData, "Decompressing \(shown) failed: \(error.reason); try again.")
            }
            if let data, !data.isEmpty { bytes += data } else { try end() }
        }
        return bytes
    }

    private func end() throws {
        let text = waitForProcess()
        isEnded = true
        try? output.close()
        let isSignal = process.terminationReason == .uncaughtSignal
        guard !isSignal, process.terminationStatus == 0 else {
            let told = text.isEmpty ? "\(isSignal ? "signal" : "exit code") \(process.terminationStatus)" : text
            throw Failure(
                .badData,
                "\(program.name) cannot decompress \(shown) (\(told)); get the file anew, or leave it out of the corpus."
            )
        }
    }
}

/// What a program says on standard error, read on a thread of its own so that it never waits for a reader.
private final class ErrorWords: Sendable {
    private let words = Mutex(Data())
    private let ended = DispatchSemaphore(value: 0)

    init(_ handle: FileHandle) {
        Thread.detachNewThread { [self] in
            while let data = try? handle.read(upToCount: 4_096), !data.isEmpty {
                words.withLock { if $0.count < 4_096 { $0 += data } }
            }
            try? handle.close()
            ended.signal()
        }
    }

    /// All that was said, in one line. Returns when the program has closed its standard error. To be called once.
    func wait() -> String {
        ended.wait()
        let text = words.withLock { String(decoding: $0, as: UTF8.self) }
        return text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { !$0.isEmpty }.joined(separator: "; ")
    }
}

extension Compression {
    /// Of the program, and of the package of the system that holds it.
    var name: String { rawValue }

    /// Of the program, to decompress from standard input to standard output. Text is at times compressed with windows
    /// of up to 2 GiB, which zstd reads only on request.
    fileprivate var arguments: [String] { self == .zstd ? ["-dcq", "--long=31"] : ["-dc"] }

    /// Where the program is. Throws `Failure(.badData)` that names the package to install.
    func executable(toRead shown: String, searchPath: String) throws -> URL {
        let folders = searchPath.split(separator: ":").map { URL(filePath: String($0)) }
        let places = folders.map { $0.appending(component: name) }
        guard let place = places.first(where: { FileManager.default.isExecutableFile(atPath: $0.path) }) else {
            throw Failure(
                .badData,
                "\(shown) is compressed, and the program `\(name)` that can read it is not installed; install the "
                    + "package \(name) (as with `apt-get install \(name)`), or decompress the file elsewhere.")
        }
        return place
    }
}
