using ModelDsl.Gpu.OpenCl;

namespace ModelDsl.Gpu.Tests.OpenCl;

/// <summary>A test that runs on the first OpenCL device; skipped, with the reason, if there is none.</summary>
internal sealed class OpenClFactAttribute : FactAttribute
{
    private static readonly string? s_missing = FindMissing();

    public OpenClFactAttribute() => Skip = s_missing;

    private static string? FindMissing()
    {
        DeviceList list = OpenClPlatform.List();
        if (list.Devices.Count > 0 && list.Devices[0].Problem is null)
            return null;
        IEnumerable<string?> problems = list.Libraries.Select(library => library.Problem).Concat(list.Devices.Select(device => device.Problem));
        return $"There is no OpenCL device to test on ({string.Join("; ", problems.Where(problem => problem is not null))}): run build/install-test-libraries.sh.";
    }
}
