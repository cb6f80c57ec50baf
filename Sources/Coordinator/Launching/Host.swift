import Foundation

/// What this host offers to a launch.
enum Host {
    /// Physical cores that this process may use: hardware threads of one core count once, a smaller CPU quota of a
    /// container limits them.
    static let cores: Int = {
        let allowed = allowedProcessors()
        let siblings = allowed.map { processor in
            contents("/sys/devices/system/cpu/cpu\(processor)/topology/thread_siblings_list") ?? "\(processor)"
        }
        let physical = max(1, Set(siblings).count)
        guard let quota = processorQuota() else { return physical }
        return max(1, min(physical, Int(quota.rounded())))
    }()

    /// Free bytes of the file system that holds `path`; nil where the system does not tell.
    static func freeBytes(at path: String) -> Int? {
        let attributes = try? FileManager.default.attributesOfFileSystem(forPath: path)
        return (attributes?[.systemFreeSize] as? NSNumber)?.intValue
    }

    /// Whether the kernel may refuse that one rank reads another's memory: a system call filter or Yama stand between.
    static var restrictsCrossMemoryAttach: Bool {
        let filtered = statusLine("Seccomp").map { $0 != "0" } ?? false
        let yama = contents("/proc/sys/kernel/yama/ptrace_scope").map { $0 != "0" } ?? false
        return filtered || yama
    }

    /// A program by its name along PATH, or by its path.
    static func program(_ name: String) -> String? {
        if name.contains("/") { return FileManager.default.isExecutableFile(atPath: name) ? name : nil }
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin").split(
            separator: ":")
        return folders.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    private static func allowedProcessors() -> [Int] {
        let list = statusLine("Cpus_allowed_list") ?? "0-\(ProcessInfo.processInfo.activeProcessorCount - 1)"
        return list.split(separator: ",").flatMap { part -> [Int] in
            let ends = part.split(separator: "-").compactMap { Int($0) }
            guard let low = ends.first, let high = ends.last, low <= high else { return [] }
            return Array(low...high)
        }
    }

    /// Cores' worth of time that a control group grants, in version 2 or 1; nil for no limit.
    private static func processorQuota() -> Double? {
        let group = "/sys/fs/cgroup"
        let pair =
            contents("\(group)/cpu.max")?.split(separator: " ").map(String.init)
            ?? ["cpu.cfs_quota_us", "cpu.cfs_period_us"].compactMap { contents("\(group)/cpu/\($0)") }
        guard pair.count == 2, let quota = Double(pair[0]), let period = Double(pair[1]), quota > 0, period > 0
        else { return nil }
        return quota / period
    }

    private static func statusLine(_ key: String) -> String? {
        contents("/proc/self/status")?.split(separator: "\n").first { $0.hasPrefix("\(key):") }
            .map { $0.dropFirst(key.count + 1).trimmingCharacters(in: .whitespaces) }
    }

    private static func contents(_ path: String) -> String? {
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
