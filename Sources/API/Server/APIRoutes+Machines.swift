import Contract
import Hummingbird
import Manifest

extension APIRoutes {
    /// Starts or restarts a machine, or says why nothing is done.
    func perform(_ verb: MachineVerb, _ request: Request, _ context: APIContext) async throws -> Response {
        let key = try machineKey(context)
        return .json(MachineVerbAnswer(outcome: try await backend.perform(verb, on: key, author: context.peer)))
    }

    func machineKey(_ context: APIContext) throws(APIStatus) -> ObjectKey {
        guard let namespace = context.value(of: .namespace), let name = context.value(of: .name) else {
            throw APIStatus(.notFound, "the server could not find the requested resource")
        }
        return KindInfo.virtualMachine.key(namespace: namespace, name: name)
    }
}
