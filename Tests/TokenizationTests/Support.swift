import Experiment
import Foundation
import Testing

/// A folder that goes away with the test.
final class TemporaryFolder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(component: "apus-tokens-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    @discardableResult
    func write(_ path: String, _ bytes: some Sequence<UInt8>) throws -> String {
        let file = url.appending(path: path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: file)
        return file.path
    }

    func path(_ name: String) -> String { url.appending(path: name).path }
}

/// Runs `body`, which must throw a `Failure` of this code whose message holds all of these words.
func expectFailure(
    _ code: ExitCode, _ words: String..., sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) {
    do {
        try body()
        Issue.record("nothing was thrown", sourceLocation: sourceLocation)
    } catch let failure as Failure {
        #expect(failure.code == code, sourceLocation: sourceLocation)
        for word in words {
            #expect(failure.message.contains(word), "\(failure.message)", sourceLocation: sourceLocation)
        }
    } catch {
        Issue.record("\(error) is not a Failure", sourceLocation: sourceLocation)
    }
}
