import Contract
import Hummingbird
import JSONText
import Manifest

extension APIRoutes {
    /// Starts or restarts a machine, or says why nothing is done.
    func perform(_ verb: MachineVerb, _ request: Request, _ context: APIContext) async throws -> Response {
        let key = try machineKey(context)
        let outcome = try await backend.perform(verb, on: key, author: context.peer)
        return .json([
            "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success",
            "outcome": .string(outcome.rawValue),
        ])
    }

    func machineKey(_ context: APIContext) throws(APIStatus) -> ObjectKey {
        guard let namespace = context.parameters.get("namespace"), let name = context.parameters.get("name") else {
            throw APIStatus(.notFound, "the server could not find the requested resource")
        }
        return KindInfo.virtualMachine.key(namespace: namespace, name: name)
    }
}
