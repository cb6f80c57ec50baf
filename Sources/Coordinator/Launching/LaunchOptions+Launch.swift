extension LaunchOptions {
    /// Launches the worker on so many ranks, and returns when they have ended well.
    /// - Parameters:
    ///   - resumes: whether the work leaves checkpoints to go on from.
    ///   - sharesHost: whether other launches of ours run on this host meanwhile.
    ///   - kernelsAreChosen: the arguments name a kernel set; else all hosts are asked for the strongest common one.
    ///   - announce: takes what a person should know about the launch, a line each.
    /// - Throws: `WorkerEnded` and `Failure`.
    func launch(
        _ workerArguments: [String], ranks: Int, hostfile: Hostfile?, resumes: Bool = true, sharesHost: Bool = false,
        kernelsAreChosen: Bool, display: any RunDisplay, announce: (String) -> Void
    ) async throws {
        let scratch = try Scratch(ranks: ranks)
        defer { scratch.remove() }
        if let note = scratch.note, hostfile == nil { announce(note) }
        var launch = Launch(
            mpirun: try Launch.findMPIRun(mpirun), worker: try WorkerExecutable.path(),
            workerArguments: workerArguments, ranks: ranks, hostfile: hostfile, cores: Host.cores, scratch: scratch,
            extraArguments: Launch.argumentsFromEnvironment + mpiArg)
        launch.resumes = resumes
        launch.sharesHost = sharesHost
        if let hostfile, !kernelsAreChosen {
            let hosts = hostfile.entries.count
            launch.strongestKernels = try await Interrupts.shared.cancelling { [launch] in
                try await HostProbe.strongestCommonSet(launch, hosts: hosts)
            }
        }
        try await Launcher(launch: launch, display: display).run()
    }
}
