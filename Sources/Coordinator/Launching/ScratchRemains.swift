import Foundation

/// Temporary folders of launches whose `apus` was killed before it could remove them. They are named after its process,
/// apus-<number>-<random>, and marked with where that number means something.
enum ScratchRemains {
    private static let markName = "owner"

    /// The name of a folder of this process.
    static func newName() -> String { "apus-\(getpid())-" + UUID().uuidString.prefix(6).lowercased() }

    static func mark(_ folder: URL) throws {
        try Data(here.utf8).write(to: folder.appendingPathComponent(markName))
    }

    /// Removes the folders of this user below `roots` that no process of this host uses any more. What cannot be removed
    /// stays.
    static func remove(below roots: [String]) {
        let dead = Set(roots).flatMap { root in
            ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? [])
                .filter { isLeftBehind($0, in: root) }.map { URL(fileURLWithPath: root).appendingPathComponent($0) }
        }
        guard !dead.isEmpty else { return }
        let used = wordsOfProcesses()
        for folder in dead where !used.contains(where: { $0.contains(folder.lastPathComponent) }) {
            try? FileManager.default.removeItem(at: folder)
        }
    }

    private static func isLeftBehind(_ name: String, in root: String) -> Bool {
        let parts = name.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "apus", let process = Int32(parts[1]), process > 0,
            kill(process, 0) != 0, errno == ESRCH
        else { return false }
        let folder = URL(fileURLWithPath: root).appendingPathComponent(name)
        let attributes = try? FileManager.default.attributesOfItem(atPath: folder.path)
        guard attributes?[.type] as? FileAttributeType == .typeDirectory,
            (attributes?[.ownerAccountID] as? NSNumber)?.uint32Value == getuid()
        else { return false }
        return FileManager.default.contents(atPath: folder.appendingPathComponent(markName).path) == Data(here.utf8)
    }

    /// Host and namespace of process numbers: a folder may be another host's or another container's too, and there the
    /// number means another process.
    private static let here: String = {
        let space = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid")
        return "\(ProcessInfo.processInfo.hostName) \(space ?? "")\n"
    }()

    /// Command lines and environments, as far as they can be read: the workers of a killed `apus` may still go on.
    private static func wordsOfProcesses() -> [String] {
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return entries.filter { Int32($0) != nil }.flatMap { number in
            ["cmdline", "environ"].compactMap { FileManager.default.contents(atPath: "/proc/\(number)/\($0)") }
        }.map { String(decoding: $0, as: UTF8.self) }
    }
}
