System.Console.OutputEncoding = System.Text.Encoding.UTF8;
