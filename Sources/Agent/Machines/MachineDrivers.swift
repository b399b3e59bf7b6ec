import DriverPort
import Host
import Hypervisor
import QEMU
import SimulatedDriver

/// The drivers of a node's machines.
enum MachineDrivers {
    /// About what a real machine takes.
    private static let simulatedTiming = SimulatedMachines.Timing(startMilliseconds: 50, stopMilliseconds: 50)

    static func make(
        _ choice: AgentSettings.HypervisorChoice, in directory: NodeDirectory
    ) throws(AgentError) -> any MachineDriver {
        switch choice {
        case .simulated:
            do throws(MachineFailure) {
                return try SimulatedHypervisor(timing: simulatedTiming, stateDirectory: directory.machines)
            } catch {
                throw AgentError("\(error)")
            }
        case .qemu:
            return QEMUDriver(
                QEMUDriver.Configuration(
                    machinesDirectory: directory.machines, cacheDirectory: directory.path,
                    systemEmulator: "qemu-system-x86_64", imageTool: "qemu-img", accelerator: .automatic,
                    simultaneousStarts: max(1, SystemFacts.processorCount)))
        }
    }

    /// Releases the machines, which run on, once what the driver is writing of them is durable.
    static func close(_ driver: any MachineDriver) async {
        await (driver as? QEMUDriver)?.close()
    }
}
