using System.Text;
using Orchestrator.Client;
using Orchestrator.Client.Display;

Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
return await CommandLine.Run(args, new ClientContext(Screen.ForConsole(), TimeProvider.System, AppContext.BaseDirectory));
